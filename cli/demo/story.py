"""What the officers of the invented year do, act by act, each at its instant."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from casework.calendar_seed import calendar_rows
from casework.corrections import Purpose
from casework.evidence import NewEvidence
from casework.submission import KeptBecause
from cli.demo.fates import HIGH, LOW, TOP, Twist, ballot, deal, gates
from cli.demo.steps import Planned, Step, filing_day, grouped, hour, one, products
from cli.demo.world import World
from ocop.evidence import EvidenceKind
from ocop.levels import Level
from ocop.working_days import VIETNAM, Calendar

LATE_DISTRICT = "364"
"""Holds its second session after the deadline, when the province has extended it."""
LATE_RECORDER = "365"
"""Holds its second session in time and enters it after the deadline."""
PROVINCE = "36-officer"
SIGNER = "Người ký mô phỏng"
OPENS = datetime(2025, 4, 8, 8, 0, tzinfo=VIETNAM)
ENDS = datetime(2025, 12, 31, 17, 0, tzinfo=VIETNAM)
FIRST_SESSION, SECOND_SESSION = date(2025, 5, 27), date(2025, 6, 10)
"""The first day of the districts' sessions; each has a day of its own in that week."""
REPORTED_FOR_FIRST = date(2025, 5, 20)
LATE_SESSION = date(2025, 6, 25)
PROVINCIAL_SESSIONS = (date(2025, 7, 8), date(2025, 7, 9), date(2025, 7, 10))
LAST_PROVINCIAL_SESSION = date(2025, 7, 17)
ON_BEHALF = "Công văn 55/UBND-NN (mô phỏng), Chủ tịch UBND huyện ký: nhập thay xã chưa có cán bộ"


def story(world: World, cycle: str, seed: int = 2025) -> list[Step]:
    """Return all acts of the year, in order; always alike for one seed."""
    teller = _Teller(world, cycle, Random(seed))
    return sorted(teller.steps(), key=lambda step: step.at)


class _Teller:
    def __init__(self, world: World, cycle: str, chance: Random) -> None:
        self.world, self.cycle, self.chance = world, cycle, chance
        self.days = Calendar(calendar_rows(2025, 2025))
        parents = {
            str(unit["code"]): str(unit["parent_code"]) for unit in world.units if unit["level"] == Level.COMMUNE.label
        }
        five = [str(row["product_code"]) for row in world.dossiers if row["proposed_star"] == 5]
        fates = deal(chance, [str(row["product_code"]) for row in world.dossiers], five)
        self.dossiers = [
            Planned(
                product=str(row["product_code"]), row=row, fate=fates[str(row["product_code"])],
                commune=str(row["commune_code"]), district=parents[str(row["commune_code"])], filed=filing_day(row),
            )
            for row in world.dossiers
        ]  # fmt: skip
        self.districts = sorted({str(unit["code"]) for unit in world.units if unit["level"] == Level.DISTRICT.label})

    def steps(self) -> Iterator[Step]:
        """Yield the acts of all levels."""
        yield from self._opening()
        yield from self._communes()
        for number, district in enumerate(self.districts):
            here = [dossier for dossier in self.dossiers if dossier.district == district and self._judged(dossier)]
            yield from self._district(district, number, here)
        yield from self._deadlines()
        yield from self._province(
            [dossier for dossier in self.dossiers if dossier.fate.province and self._judged(dossier)]
        )
        yield from self._centre()
        yield Step(hour(date(2025, 8, 20)), "close-cycle", PROVINCE, {"cycle": self.cycle})

    @staticmethod
    def _judged(dossier: Planned) -> bool:
        return dossier.fate.district is not None

    def _opening(self) -> Iterator[Step]:
        for district in self.districts:
            filed = sum(dossier.district == district for dossier in self.dossiers)
            yield Step(
                hour(date(2025, 4, 11), "10:00"), "set-target", f"{district}-officer",
                {"cycle": self.cycle, "level": Level.DISTRICT, "unit": district, "planned": filed + self.chance.randint(-3, 2),
                 "document": "Văn bản đăng ký (mô phỏng)"},
            )  # fmt: skip

    # The communes

    def _communes(self) -> Iterator[Step]:
        for (commune, filed), dossiers in grouped(
            self.dossiers, lambda dossier: (dossier.commune, dossier.filed)
        ).items():
            who = self._officer(dossiers[0])
            received = dossiers[0].received
            yield Step(hour(received), "receive", products=products(dossiers), body={"received_on": received}, **who)
            ready = [dossier for dossier in dossiers if dossier.fate.twist not in (
                Twist.RETRACTED_EARLY, Twist.UNANSWERED, Twist.NOT_READY)]  # fmt: skip
            if ready:
                reported = dossiers[0].reported
                yield Step(
                    hour(reported, "14:00"), "report", products=products(ready),
                    body={"number": f"{filed:%m%d}-{commune}/BC-UBND", "reported_on": reported,
                          "findings": "Nguồn gốc sản phẩm, nguyên liệu và lao động địa phương phù hợp (mô phỏng)."}, **who,
                )  # fmt: skip
            for dossier in dossiers:
                yield from self._at_commune(dossier, who)

    def _at_commune(self, dossier: Planned, who: Mapping[str, Any]) -> Iterator[Step]:
        asked, twist = dossier.received + timedelta(days=2), dossier.fate.twist
        if twist in (Twist.COMMUNE_SUPPLEMENT, Twist.UNANSWERED):
            yield one(dossier, asked, "request-supplement", who, reason="Thiếu hợp đồng liên kết nguyên liệu",
                       requested_on=asked)  # fmt: skip
        if twist is Twist.COMMUNE_SUPPLEMENT:
            done = asked + timedelta(days=5)
            yield one(dossier, done, "supplement", who, supplemented_on=done, note="Đã nộp hợp đồng liên kết")
        if twist is Twist.RETRACTED_EARLY:
            gone = dossier.received + timedelta(days=4)
            yield one(dossier, gone, "retract", who, requested_on=gone, reason="Chủ thể đổi bao bì, xin đăng ký kỳ sau")
        if twist in (Twist.UNANSWERED, Twist.NOT_READY):
            day = date(2025, 6, 2) if twist is Twist.UNANSWERED else date(2025, 6, 12)
            reason = "Quá hạn bổ sung, chủ thể chưa nộp" if twist is Twist.UNANSWERED else "Chưa hoàn thiện hồ sơ"
            yield Step(
                hour(day, "15:00"), "carry-over", products=(dossier.product,), body={"decided_on": day, "reason": reason}, **who
            )  # fmt: skip

    def _officer(self, dossier: Planned) -> dict[str, Any]:
        """Return who acts for a commune: its officer, or the district's on its behalf where it has none."""
        if dossier.commune in self.world.vacant:
            return {"who": f"{dossier.district}-officer", "on_behalf": ON_BEHALF}
        return {"who": f"{dossier.commune}-officer"}

    # The districts

    def _district(self, district: str, number: int, dossiers: Sequence[Planned]) -> Iterator[Step]:
        who = f"{district}-officer"
        first = FIRST_SESSION + timedelta(days=number % 4)
        second = SECOND_SESSION + timedelta(days=number % 4)
        if district == LATE_RECORDER:
            second = date(2025, 6, 13)
        early, late = [], []
        for dossier in dossiers:
            twist = dossier.fate.twist
            if twist is Twist.DISQUALIFIED:
                day = date(2025, 6, 5)
                yield one(dossier, day, "disqualify", {"who": who}, found_on=day, document="21/KL-UBND (mô phỏng)",
                           reason="Phiếu kiểm nghiệm không phải của sản phẩm")  # fmt: skip
                continue
            ready = dossier.reported <= REPORTED_FOR_FIRST and district != LATE_DISTRICT
            if ready and twist is not Twist.DISTRICT_SUPPLEMENT and not self._runs_out(dossier, first):
                early.append(dossier)
            else:
                late.append(dossier)
                yield from self._before_second(dossier, who, first, second, tried=ready)
        yield from self._judge(district, early, first, recorded=hour(first, "15:00"), sitting=1)
        again = [dossier for dossier in early if dossier.fate.twist is Twist.ANNULLED]
        for dossier in again:
            day = first + timedelta(days=8)
            yield one(dossier, day, "annul", {"who": who}, document="33/QĐ-UBND (mô phỏng)", annulled_on=day,
                       reason="Thành viên hội đồng có liên quan đến chủ thể", due_on=date(2025, 6, 14))  # fmt: skip
        if district == LATE_DISTRICT:
            second = LATE_SESSION
        recorded = hour(date(2025, 6, 17), "08:30") if district == LATE_RECORDER else hour(second, "15:00")
        judged = [*late, *(replace(dossier, fate=replace(dossier.fate, twist=None)) for dossier in again)]
        yield from self._judge(district, judged, second, recorded=recorded, sitting=2)
        yield from self._up(district, [dossier for dossier in (*early, *late) if dossier.fate.district in (HIGH, TOP)])

    def _runs_out(self, dossier: Planned, session: date) -> bool:
        expires = dossier.row[f"evidence_{EvidenceKind.TEST_REPORT}"]
        return isinstance(expires, date) and expires < session

    def _before_second(self, dossier: Planned, who: str, first: date, second: date, *, tried: bool) -> Iterator[Step]:
        """Yield what happens to a dossier that misses the first session."""
        if dossier.fate.twist is Twist.DISTRICT_SUPPLEMENT:
            asked = max(dossier.reported, date(2025, 5, 26)) + timedelta(days=2)
            yield one(dossier, asked, "request-supplement", {"who": who}, reason="Bản tự công bố chưa có chữ ký",
                       requested_on=asked)  # fmt: skip
            done = asked + timedelta(days=6)
            yield one(dossier, done, "supplement", {"who": who}, supplemented_on=done, note="Đã nộp bản tự công bố")
        if self._runs_out(dossier, second):
            if tried:
                yield replace(self._evaluation(dossier, hour(first, "15:00"), first, 1, who), refused=True)
            day = self.days.add_working_days(first, 3)
            if self.chance.random() < 0.3:
                yield one(dossier, day, "waive-evidence", {"who": who}, title=EvidenceKind.TEST_REPORT.label,
                           reason="Đã lấy mẫu kiểm nghiệm lại, chờ kết quả (mô phỏng)")  # fmt: skip
            else:
                paper = NewEvidence(
                    EvidenceKind.TEST_REPORT,
                    EvidenceKind.TEST_REPORT.label,
                    issued_on=day,
                    expires_on=date(2026, 5, 31),
                )
                yield one(dossier, day, "add-evidence", {"who": who}, evidence=[paper])

    def _evaluation(
        self, dossier: Planned, recorded: datetime, held: date, sitting: int, who: str, *, too_far: bool = False
    ) -> Step:
        at_province = who == PROVINCE
        span = dossier.fate.province if at_province else dossier.fate.district
        assert span is not None
        failed = dossier.fate.failed if at_province or dossier.fate.province is None else {}
        minutes = f"{sitting:02d}/BB-HĐ ({'tỉnh' if at_province else 'huyện'} {dossier.district}, mô phỏng)"
        return one(
            dossier, recorded.date(), "evaluate", {"who": who}, clock=f"{recorded:%H:%M}", held_on=held, minutes=minutes,
            members=7, scores=ballot(self.chance, span, too_far=too_far), gates=gates(failed),
        )  # fmt: skip

    def _judge(
        self, district: str, dossiers: Sequence[Planned], held: date, *, recorded: datetime, sitting: int
    ) -> Iterator[Step]:
        """Yield a session of a district's council, the decision on it and the recognitions that follow."""
        who = f"{district}-officer"
        for dossier in dossiers:
            if dossier.fate.twist is Twist.SCORED_AGAIN:
                yield self._evaluation(dossier, recorded - timedelta(hours=1), held, sitting, who, too_far=True)
            yield self._evaluation(dossier, recorded, held, sitting, who)
        if not dossiers:
            return
        decided = self.days.add_working_days(recorded.date(), 1 if recorded.date() > SECOND_SESSION else 2)
        yield Step(
            hour(decided, "10:00"), "decide", who,
            {"number": f"{sitting}{district}/QĐ-UBND (mô phỏng)", "signed_on": decided, "signer": SIGNER}, products(dossiers),
        )  # fmt: skip
        three = [
            dossier for dossier in dossiers if self._three_here(dossier) and dossier.fate.twist is not Twist.ANNULLED
        ]
        yield from self._recognise(who, three, self.days.add_working_days(decided, 3), f"{sitting}{district}-CN")
        for dossier in dossiers:
            yield from self._after_result(dossier, who, decided)

    @staticmethod
    def _three_here(dossier: Planned) -> bool:
        """Tell whether a district's result gives three stars and leads nowhere else."""
        fate = dossier.fate
        if fate.district == LOW or (3 in fate.failed and fate.province is None):
            return False
        return fate.district not in (HIGH, TOP) or (4 in fate.failed and fate.province is None)

    def _recognise(self, who: str, dossiers: Sequence[Planned], day: date, number: str) -> Iterator[Step]:
        if not dossiers:
            return
        yield Step(
            hour(day, "15:00"), "recognise", who,
            {"number": f"{number}/QĐ-UBND (mô phỏng)", "signed_on": day, "signer": SIGNER}, products(dossiers),
        )  # fmt: skip
        for dossier in dossiers:
            if dossier.fate.twist is Twist.CORRECTED:
                yield one(
                    dossier, day + timedelta(days=7), "correct-decision", {"who": who}, purpose=Purpose.RECOGNITION,
                    number=f"{number}a/QĐ-UBND (mô phỏng)", signed_on=day, signer=SIGNER, reason="Ghi nhầm số quyết định",
                    document="40/UBND-NN (mô phỏng)",
                )  # fmt: skip

    @staticmethod
    def _after_result(dossier: Planned, who: str, decided: date) -> Iterator[Step]:
        if dossier.fate.twist in (Twist.COMPLAINS, Twist.COMPLAINS_UNANSWERED):
            day = decided + timedelta(days=4)
            yield one(dossier, day, "complain", {"who": who}, clock="16:00", received_on=day,
                       body="Đề nghị xem lại điểm phần B (mô phỏng)")  # fmt: skip

    def _up(self, district: str, dossiers: Sequence[Planned]) -> Iterator[Step]:
        """Yield what becomes of the products of 70 points and more: sent, sent late, kept."""
        who, late = f"{district}-officer", district == LATE_DISTRICT
        sent_on = date(2025, 6, 27) if late else date(2025, 6, 18)
        going = [
            dossier for dossier in dossiers if dossier.fate.province and dossier.fate.twist is not Twist.ACCEPTED_LATE
        ]
        if going:
            yield Step(hour(sent_on, "16:00"), "submit", who,
                       {"number": f"{district}/UBND-NN (mô phỏng)", "signed_on": sent_on}, products(going))  # fmt: skip
        accepted = [dossier for dossier in dossiers if dossier.fate.twist is Twist.ACCEPTED_LATE]
        if accepted and not late:
            day = date(2025, 6, 25)
            yield Step(hour(date(2025, 6, 24)), "accept-late", PROVINCE, {
                "stage": "provincial_submission", "document": "77/UBND-NN (mô phỏng)",
                "reason": "Công văn của huyện thất lạc trên đường gửi",
            }, products(accepted))  # fmt: skip
        if accepted:
            day = sent_on if late else date(2025, 6, 25)
            yield Step(hour(day, "16:30"), "submit", who,
                       {"number": f"{district}b/UBND-NN (mô phỏng)", "signed_on": day}, products(accepted))  # fmt: skip
        for because, reason, day in (
            (KeptBecause.NOT_SELECTED, "Huyện ưu tiên sản phẩm khác", sent_on),
            (KeptBecause.DECLINED, "Chủ thể chưa đủ mẫu gửi tỉnh", sent_on),
            (
                KeptBecause.NOT_SENT,
                "Hồ sơ chưa kịp gửi trước ngày 20/6",
                date(2025, 6, 30) if late else date(2025, 6, 24),
            ),
        ):
            kept = [dossier for dossier in dossiers if dossier.fate.kept is because]
            if kept:
                yield Step(hour(day, "17:00"), "keep", who,
                           {"because": because, "reason": reason, "decided_on": day}, products(kept))  # fmt: skip
                yield from self._recognise(who, kept, self.days.add_working_days(day, 2), f"{district}-{because}")

    def _deadlines(self) -> Iterator[Step]:
        """Yield how the late district is answered for: acknowledged, then extended."""
        late = {"cycle": self.cycle, "level": Level.DISTRICT, "unit": LATE_DISTRICT}
        yield Step(hour(date(2025, 6, 20), "10:00"), "acknowledge", f"{LATE_DISTRICT}-vice_chair", {
            **late, "stage": "district_evaluation", "note": "Hội đồng họp ngày 25/6, đã đề nghị tỉnh gia hạn",
        })  # fmt: skip
        for stage, day in (("district_evaluation", date(2025, 6, 27)), ("provincial_submission", date(2025, 6, 30))):
            yield Step(hour(date(2025, 6, 23), "14:00"), "extend", PROVINCE, {
                **late, "stage": stage, "day": day, "document": "70/UBND-NN (mô phỏng)",
                "reason": "Chủ tịch hội đồng cấp huyện nghỉ ốm",
            })  # fmt: skip
        for dossier in self.dossiers:
            if dossier.fate.twist in (Twist.COMPLAINS, Twist.COMPLAINS_UNANSWERED):
                answered = date(2025, 6, 27) if dossier.fate.twist is Twist.COMPLAINS else date(2025, 8, 15)
                yield Step(
                    hour(answered, "11:00"), "answer-complaint", f"{dossier.district}-officer",
                    {"answered_on": answered, "answer": "Đã rà soát, giữ nguyên kết quả", "document": "52/UBND-NN (mô phỏng)"},
                    (dossier.product,), one=True,
                )  # fmt: skip

    # The province and the centre

    def _province(self, dossiers: Sequence[Planned]) -> Iterator[Step]:
        last: list[Planned] = []
        sessions: dict[date, list[Planned]] = defaultdict(list)
        for number, dossier in enumerate(dossiers):
            twist = dossier.fate.twist
            if twist is Twist.RETRACTED_AT_PROVINCE:
                day = date(2025, 7, 3)
                yield one(
                    dossier,
                    day,
                    "retract",
                    {"who": PROVINCE},
                    requested_on=day,
                    reason="Chủ thể ngừng sản xuất tạm thời",
                )
            elif twist is Twist.PROVINCE_SUPPLEMENT:
                asked, done = date(2025, 7, 1), date(2025, 7, 11)
                yield one(dossier, asked, "request-supplement", {"who": PROVINCE}, reason="Thiếu mẫu sản phẩm thứ năm",
                           requested_on=asked)  # fmt: skip
                yield one(dossier, done, "supplement", {"who": PROVINCE}, supplemented_on=done, note="Đã gửi đủ 5 mẫu")
                last.append(dossier)
            else:
                sessions[PROVINCIAL_SESSIONS[number % 3]].append(dossier)
        for sitting, (day, here) in enumerate(sorted(sessions.items()), start=1):
            for dossier in here:
                yield self._evaluation(dossier, hour(day, "16:00"), day, sitting, PROVINCE)
        for dossier in last:
            yield self._evaluation(
                dossier, hour(LAST_PROVINCIAL_SESSION, "16:00"), LAST_PROVINCIAL_SESSION, 4, PROVINCE
            )
        for sitting, decided, here in (
            (1, date(2025, 7, 14), [dossier for day in PROVINCIAL_SESSIONS for dossier in sessions[day]]),
            (4, date(2025, 7, 18), last),
        ):
            yield Step(hour(decided, "10:00"), "decide", PROVINCE,
                       {"number": f"{sitting}36/QĐ-UBND (mô phỏng)", "signed_on": decided, "signer": SIGNER},
                       products(here))  # fmt: skip
            four = [dossier for dossier in here if dossier.fate.province in (HIGH, TOP)]
            yield from self._recognise(PROVINCE, four, decided + timedelta(days=4), f"{sitting}36-CN")
            yield from self._returned([dossier for dossier in here if dossier not in four])

    def _returned(self, dossiers: Sequence[Planned]) -> Iterator[Step]:
        for district, here in grouped(dossiers, lambda dossier: dossier.district).items():
            day = date(2025, 8, 12) if district == LATE_DISTRICT else date(2025, 7, 24)
            who = f"{district}-officer"
            yield Step(hour(day, "10:30"), "decide", who,
                       {"number": f"3{district}/QĐ-UBND (mô phỏng)", "signed_on": day, "signer": SIGNER},
                       products(here))  # fmt: skip
            three = [dossier for dossier in here if dossier.fate.province != LOW and 3 not in dossier.fate.failed]
            yield from self._recognise(who, three, self.days.add_working_days(day, 3), f"3{district}-CN")

    def _centre(self) -> Iterator[Step]:
        going = [d for d in self.dossiers if d.fate.twist in (Twist.CENTRE_PASSES, Twist.CENTRE_FAILS, Twist.AT_CENTRE)]
        kept = [dossier for dossier in self.dossiers if dossier.fate.twist is Twist.FORGONE]
        day = date(2025, 7, 25)
        yield Step(hour(day, "14:00"), "propose", PROVINCE, {"number": "90/TTr-UBND (mô phỏng)", "signed_on": day},
                   products(going))  # fmt: skip
        yield Step(hour(day, "15:00"), "forgo", PROVINCE,
                   {"reason": "Chủ thể chưa sẵn sàng đánh giá 5 sao", "decided_on": day}, products(kept))  # fmt: skip
        day = date(2025, 9, 25)
        for dossier in going:
            if dossier.fate.twist is Twist.AT_CENTRE:
                continue
            passes = dossier.fate.twist is Twist.CENTRE_PASSES
            scores = ballot(self.chance, TOP if passes else (8200, 8890))
            yield one(
                dossier, day, "record-central-result", {"who": PROVINCE}, held_on=day - timedelta(days=8),
                minutes="09/BB-HĐTW (mô phỏng)", mean=sum(s.total for s in scores if s.total is not None) / len(scores),
                gates=gates({} if passes else {5: "chưa có thị trường xuất khẩu"}),
                number="2025/QĐ-BNNMT (mô phỏng)", signed_on=day, signer=SIGNER,
            )  # fmt: skip
