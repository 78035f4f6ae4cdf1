"""What the officers of the invented year do, act by act, each at its instant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from casework.calendar_seed import calendar_rows
from casework.submission import KeptBecause
from cli.demo.councils import LATE_DISTRICT, PROVINCE, SIGNER, Councils
from cli.demo.fates import HIGH, LOW, TOP, Twist, deal
from cli.demo.steps import Planned, Step, filing_day, grouped, hour, leaving, one, products, unanswered
from cli.demo.upper import LAST_PROVINCIAL_SESSION, Province
from cli.demo.world import World
from ocop.evidence import EvidenceKind
from ocop.levels import Level
from ocop.working_days import VIETNAM, Calendar

LATE_RECORDER = "365"
"""Holds its second session in time and enters it after the deadline."""
OPENS = datetime(2025, 4, 8, 8, 0, tzinfo=VIETNAM)
ENDS = datetime(2025, 12, 31, 17, 0, tzinfo=VIETNAM)
FIRST_SESSION, SECOND_SESSION = date(2025, 5, 27), date(2025, 6, 10)
"""The first day of the districts' sessions; each has a day of its own in that week."""
REPORTED_FOR_FIRST = date(2025, 5, 20)
LATE_SESSION = date(2025, 6, 25)
AT_COMMUNE = frozenset({"registered", "commune_review", "commune_supplement"})
"""Whoever leaves there has no report."""
ON_BEHALF = "Công văn 55/UBND-NN (mô phỏng), Chủ tịch UBND huyện ký: nhập thay xã chưa có cán bộ"


def story(world: World, cycle: str, seed: int = 2025) -> list[Step]:
    """Return all acts of the year, in order; always alike for one seed."""
    teller = _Teller(world, cycle, Random(seed))
    return sorted(teller.steps(), key=lambda step: step.at)


class _Teller:
    def __init__(self, world: World, cycle: str, chance: Random) -> None:
        self.world, self.cycle = world, cycle
        self.councils = Councils(chance, Calendar(calendar_rows(2025, 2025)))
        parents = {
            str(unit["code"]): str(unit["parent_code"]) for unit in world.units if unit["level"] == Level.COMMUNE.label
        }
        five = [str(row["product_code"]) for row in world.dossiers if row["proposed_star"] == 5]
        filed = [
            Planned(
                product=str(row["product_code"]), row=row, commune=str(row["commune_code"]),
                district=parents[str(row["commune_code"])], filed=filing_day(row),
            )
            for row in world.dossiers
        ]  # fmt: skip
        twice = {dossier.product for dossier in filed if self._ready(dossier, SECOND_SESSION + timedelta(days=3))}
        fates = deal(chance, [dossier.product for dossier in filed], five, twice)
        self.dossiers = [replace(dossier, fate=fates[dossier.product]) for dossier in filed]
        expired = [
            dossier.product for dossier in self.dossiers if self.councils.report_runs_out(dossier, SECOND_SESSION)
        ]
        self.waived = frozenset(expired[::3])
        """Their councils do without the test report that ran out, and say why."""
        self.districts = sorted({str(unit["code"]) for unit in world.units if unit["level"] == Level.DISTRICT.label})

    def steps(self) -> Iterator[Step]:
        """Yield the acts of all levels."""
        yield from self._opening()
        yield from self._communes()
        for number, district in enumerate(self.districts):
            here = [dossier for dossier in self.dossiers if dossier.district == district and self._judged(dossier)]
            yield from self._district(district, number, here)
        yield from self._deadlines()
        sent = [dossier for dossier in self.dossiers if dossier.fate.province and self._judged(dossier)]
        yield from Province(self.councils, sent).steps()
        yield Step(hour(date(2025, 8, 20)), "close-cycle", PROVINCE, {"cycle": self.cycle})

    @staticmethod
    def _judged(dossier: Planned) -> bool:
        return dossier.fate.district is not None

    def _opening(self) -> Iterator[Step]:
        for district in self.districts:
            filed = sum(dossier.district == district for dossier in self.dossiers)
            yield Step(
                hour(date(2025, 4, 11), "10:00"), "set-target", f"{district}-officer",
                {"cycle": self.cycle, "level": Level.DISTRICT, "unit": district, "planned": filed + self.councils.chance.randint(-3, 2),
                 "document": "Văn bản đăng ký (mô phỏng)"},
            )  # fmt: skip

    # The communes

    def _communes(self) -> Iterator[Step]:
        for (commune, filed), dossiers in grouped(
            self.dossiers, lambda dossier: (dossier.commune, dossier.filed)
        ).items():
            who = self._officer(dossiers[0])
            received = dossiers[0].received
            if taken := [dossier for dossier in dossiers if dossier.leaves_at != "registered"]:
                yield Step(hour(received), "receive", products=products(taken), body={"received_on": received}, **who)
            if ready := [dossier for dossier in dossiers if dossier.leaves_at not in AT_COMMUNE]:
                reported = dossiers[0].reported
                yield Step(
                    hour(reported, "14:00"), "report", products=products(ready),
                    body={"number": f"{filed:%m%d}-{commune}/BC-UBND", "reported_on": reported,
                          "findings": "Nguồn gốc sản phẩm, nguyên liệu và lao động địa phương phù hợp (mô phỏng)."}, **who,
                )  # fmt: skip
            for dossier in dossiers:
                yield from self._at_commune(dossier, who)

    def _at_commune(self, dossier: Planned, who: Mapping[str, Any]) -> Iterator[Step]:
        asked = dossier.received + timedelta(days=2)
        if dossier.fate.twist is Twist.COMMUNE_SUPPLEMENT:
            done = asked + timedelta(days=5)
            yield one(dossier, asked, "request-supplement", who, reason="Thiếu hợp đồng liên kết nguyên liệu",
                       requested_on=asked)  # fmt: skip
            yield one(dossier, done, "supplement", who, supplemented_on=done, note="Đã nộp hợp đồng liên kết")
        elif dossier.leaves_at == "commune_supplement":
            yield from unanswered(dossier, asked, who)
        elif dossier.leaves_at == "registered":
            yield leaving(dossier, dossier.received, who, clock="08:30")
        elif dossier.leaves_at == "commune_review":
            late = dossier.fate.ends == ("commune_review", "carry-over")
            yield leaving(dossier, date(2025, 6, 12) if late else dossier.received + timedelta(days=4), who)

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
            if dossier.leaves_at == "district_evaluation":
                yield leaving(dossier, date(2025, 6, 5), {"who": who})
                continue
            if dossier.leaves_at == "district_supplement":
                yield from unanswered(dossier, date(2025, 6, 2), {"who": who})
                continue
            if self._ready(dossier, first) and dossier.fate.twist is not Twist.DISTRICT_SUPPLEMENT:
                early.append(dossier)
            else:
                late.append(dossier)
                yield from self._before_second(dossier, who, first, second)
        yield from self._judge(district, early, first, recorded=hour(first, "15:00"), sitting=1)
        again = [dossier for dossier in early if dossier.fate.twist is Twist.ANNULLED]
        for dossier in again:
            yield self.councils.annulled(dossier, first + timedelta(days=8), who, due_on=date(2025, 6, 14))
        if district == LATE_DISTRICT:
            second = LATE_SESSION
        recorded = hour(date(2025, 6, 17), "08:30") if district == LATE_RECORDER else hour(second, "15:00")
        judged = [*late, *(replace(dossier, fate=replace(dossier.fate, twist=None)) for dossier in again)]
        yield from self._judge(district, judged, second, recorded=recorded, sitting=2)
        for held, here in ((first, early), (second, late)):
            for dossier in here:
                if not self.councils.report_runs_out(dossier, held) and self._must_last(dossier):
                    yield self.councils.new_report(dossier, date(2025, 6, 16), who)
        yield from self._up(district, [dossier for dossier in (*early, *late) if dossier.fate.district in (HIGH, TOP)])

    @staticmethod
    def _in_time(dossier: Planned) -> bool:
        return dossier.reported <= REPORTED_FOR_FIRST and dossier.district != LATE_DISTRICT

    def _ready(self, dossier: Planned, session: date) -> bool:
        """Tell whether a district's first council can judge a dossier whose papers must hold until a session."""
        return self._in_time(dossier) and not self.councils.report_runs_out(dossier, session)

    def _must_last(self, dossier: Planned) -> bool:
        """Tell whether the province is to judge a dossier whose test report does not hold until then."""
        return bool(dossier.fate.province) and self.councils.report_runs_out(dossier, LAST_PROVINCIAL_SESSION)

    def _before_second(self, dossier: Planned, who: str, first: date, second: date) -> Iterator[Step]:
        """Yield what happens to a dossier that misses the first session."""
        if dossier.fate.twist is Twist.DISTRICT_SUPPLEMENT:
            asked = max(dossier.reported, date(2025, 5, 26)) + timedelta(days=2)
            yield one(dossier, asked, "request-supplement", {"who": who}, reason="Bản tự công bố chưa có chữ ký",
                       requested_on=asked)  # fmt: skip
            done = asked + timedelta(days=6)
            yield one(dossier, done, "supplement", {"who": who}, supplemented_on=done, note="Đã nộp bản tự công bố")
        if self.councils.report_runs_out(dossier, second):
            if self._in_time(dossier):
                yield replace(self.councils.evaluation(dossier, hour(first, "15:00"), first, 1, who), refused=True)
            day = self.councils.days.add_working_days(first, 3)
            if dossier.product in self.waived:
                yield one(dossier, day, "waive-evidence", {"who": who}, title=EvidenceKind.TEST_REPORT.label,
                           reason="Đã lấy mẫu kiểm nghiệm lại, chờ kết quả (mô phỏng)")  # fmt: skip
            else:
                yield self.councils.new_report(dossier, day, who)

    def _judge(
        self, district: str, dossiers: Sequence[Planned], held: date, *, recorded: datetime, sitting: int
    ) -> Iterator[Step]:
        """Yield a session of a district's council, the decision on it and the recognitions that follow."""
        who = f"{district}-officer"
        for dossier in dossiers:
            if dossier.fate.twist is Twist.SCORED_AGAIN:
                yield self.councils.evaluation(dossier, recorded - timedelta(hours=1), held, sitting, who, too_far=True)
            yield self.councils.evaluation(dossier, recorded, held, sitting, who)
        if not dossiers:
            return
        decided = self.councils.days.add_working_days(recorded.date(), 1 if recorded.date() > SECOND_SESSION else 2)
        yield Step(
            hour(decided, "10:00"), "decide", who,
            {"number": f"{sitting}{district}/QĐ-UBND (mô phỏng)", "signed_on": decided, "signer": SIGNER}, products(dossiers),
        )  # fmt: skip
        three = [
            dossier
            for dossier in dossiers
            if self._three_here(dossier) and dossier.fate.twist is not Twist.ANNULLED and not dossier.leaves_at
        ]
        yield from self.councils.recognise(
            who, three, self.councils.days.add_working_days(decided, 3), f"{sitting}{district}-CN"
        )
        for dossier in dossiers:
            if dossier.leaves_at == "district_recognition":
                yield leaving(dossier, self.councils.days.add_working_days(decided, 1), {"who": who})
            yield from self._after_result(dossier, who, decided)

    @staticmethod
    def _three_here(dossier: Planned) -> bool:
        """Tell whether a district's result gives three stars and leads nowhere else."""
        fate = dossier.fate
        if fate.district == LOW or (3 in fate.failed and fate.province is None):
            return False
        return fate.district not in (HIGH, TOP) or (4 in fate.failed and fate.province is None)

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
        for dossier in dossiers:
            if dossier.leaves_at == "provincial_submission":
                yield leaving(dossier, sent_on, {"who": who}, clock="15:30")
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
                yield from self.councils.recognise(
                    who, kept, self.councils.days.add_working_days(day, 2), f"{district}-{because}"
                )

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
