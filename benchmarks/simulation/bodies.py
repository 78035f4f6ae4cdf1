"""What officers write: bodies of acts, drawn from the seed."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from benchmarks.simulation.shadow import Known
from casework.ballots import Score
from casework.evidence import NewEvidence
from casework.submission import KeptBecause
from ocop.evidence import EvidenceKind
from ocop.scoring import Gate

MEMBERS = 5
PAPER = EvidenceKind.TEST_REPORT.label
"""As a file of registrations names it."""


def body(event: str, chosen: Sequence[Known], day: date, random: Random) -> dict[str, Any]:
    """Return the body of an act of an event on dossiers; one that takes a single dossier gets the first."""
    codes, one = [known.code for known in chosen], chosen[0].code
    number = f"{random.randint(1, 9999)}/UBND"
    paper = {"document": number, "reason": "Theo đề nghị"}
    signed: dict[str, Any] = {"dossiers": codes, "number": number, "signed_on": day}
    match event:
        case "receive":
            return {"dossiers": codes, "received_on": day}
        case "report":
            return {"dossiers": codes, "number": number, "reported_on": day, "findings": "Đủ nội dung đánh giá."}
        case "decide" | "recognise":
            return {**signed, "signer": "Nguyễn Văn Ký"}
        case "submit" | "propose":
            return signed
        case "evaluate":
            scores, gates = ballot(random)
            return {
                "dossier": one,
                "held_on": day,
                "minutes": number,
                "members": MEMBERS,
                "scores": scores,
                "gates": gates,
            }
        case "request_supplement":
            return {"dossier": one, "reason": "Thiếu giấy tờ", "requested_on": day}
        case "supplement":
            return {"dossier": one, "supplemented_on": day, "note": "Đã bổ sung", "evidence": papers(day, random)}
        case "keep":
            because = random.choice((KeptBecause.DECLINED, KeptBecause.NOT_SELECTED))
            return {"dossiers": codes, "because": because, "reason": "Theo đề nghị", "decided_on": day}
        case "forgo" | "carry_over":
            return {"dossiers": codes, "reason": "Theo đề nghị", "decided_on": day}
        case "record_central_result":
            mean = Decimal(random.randint(80_000, 100_000)) / 1000
            return {"dossier": one, "held_on": day, "minutes": number, "mean": mean, "gates": gates_of(random),
                    "number": number, "signed_on": day, "signer": "Bộ trưởng"}  # fmt: skip
        case "retract":
            return {"dossier": one, "requested_on": day, "reason": "Chủ thể đề nghị"}
        case "disqualify":
            return {"dossier": one, "found_on": day, **paper}
        case "annul":
            due_on = day + timedelta(days=random.choice((3, 10, 40)))
            return {"dossier": one, "annulled_on": day, "due_on": due_on, **paper}
        case "add_evidence":
            return {
                "dossier": one,
                "evidence": papers(day, random) or [NewEvidence(EvidenceKind.AWARDS, "Giải thưởng")],
            }
        case "waive_evidence":
            return {"dossier": one, "title": PAPER, "reason": "Đã nộp hồ sơ cấp lại"}
        case "complain":
            return {"dossier": one, "received_on": day, "body": "Điểm chưa đúng"}
    raise ValueError(f"nobody knows how to write {event}")


def papers(day: date, random: Random) -> list[NewEvidence]:
    """Return no paper, one that ends soon, or one that lasts."""
    ends = random.choice((0, 0, 0, 20, 60, 900))
    return [NewEvidence(EvidenceKind.TEST_REPORT, PAPER, expires_on=day + timedelta(days=ends))] if ends else []


def gates_of(random: Random) -> list[Gate]:
    """Return the gates of 3, 4 and 5 stars, of which one fails at times."""
    failed = random.choices((0, 3, 4, 5), (0.88, 0.03, 0.05, 0.04))[0]
    return [Gate(star, star != failed, "Thiếu chứng nhận" if star == failed else "") for star in (3, 4, 5)]


def ballot(random: Random) -> tuple[list[Score], list[Gate]]:
    """Return a council's totals around a mean of any band, seldom too far apart, and its gates."""
    low, high = random.choices(((20, 49), (50, 69), (70, 89), (90, 99)), (0.12, 0.4, 0.33, 0.15))[0]
    mean = Decimal(random.randint(low * 1000, high * 1000)) / 1000
    apart = random.choices((Decimal(0), Decimal("0.5"), Decimal(16)), (0.4, 0.57, 0.03))[0]
    totals = [mean] * MEMBERS
    totals[1], totals[2] = max(mean - apart, Decimal(0)), min(mean + apart, Decimal(100))
    return [Score(f"Ủy viên {number}", total, chair=number == 0) for number, total in enumerate(totals)], gates_of(
        random
    )
