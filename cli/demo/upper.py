"""What the province of the invented year does with what districts sent it, what it sends back, and the centre."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cli.demo.councils import LATE_DISTRICT, PROVINCE, SIGNER, Councils
from cli.demo.fates import HIGH, LOW, TOP, Twist, ballot, gates
from cli.demo.steps import Planned, Step, grouped, hour, leaving, one, products, unanswered

PROVINCIAL_SESSIONS = (date(2025, 7, 8), date(2025, 7, 9), date(2025, 7, 10))
LAST_PROVINCIAL_SESSION = date(2025, 7, 17)


@dataclass(frozen=True)
class Province:
    """The province's part of the year, on the dossiers that districts judged and that it is to judge too."""

    councils: Councils
    dossiers: Sequence[Planned]

    def steps(self) -> Iterator[Step]:
        """Yield the acts of the province and of the centre, and of districts on what comes back to them."""
        yield from self._sessions()
        yield from self._centre()

    def _sessions(self) -> Iterator[Step]:
        last: list[Planned] = []
        sessions: dict[date, list[Planned]] = defaultdict(list)
        for number, dossier in enumerate(self.dossiers):
            if dossier.leaves_at == "provincial_evaluation":
                yield leaving(dossier, date(2025, 7, 3), {"who": PROVINCE})
            elif dossier.leaves_at == "provincial_supplement":
                yield from unanswered(dossier, date(2025, 7, 1), {"who": PROVINCE})
            elif dossier.fate.twist is Twist.PROVINCE_SUPPLEMENT:
                asked, done = date(2025, 7, 1), date(2025, 7, 11)
                yield one(dossier, asked, "request-supplement", {"who": PROVINCE}, reason="Thiếu mẫu sản phẩm thứ năm",
                           requested_on=asked)  # fmt: skip
                yield one(dossier, done, "supplement", {"who": PROVINCE}, supplemented_on=done, note="Đã gửi đủ 5 mẫu")
                last.append(dossier)
            else:
                sessions[PROVINCIAL_SESSIONS[number % 3]].append(dossier)
        for sitting, (day, here) in enumerate(sorted(sessions.items()), start=1):
            for dossier in here:
                yield self.councils.evaluation(dossier, hour(day, "16:00"), day, sitting, PROVINCE)
        again = [d for here in sessions.values() for d in here if d.fate.twist is Twist.ANNULLED_AT_PROVINCE]
        for dossier in again:
            yield self.councils.annulled(dossier, date(2025, 7, 15), PROVINCE, due_on=date(2025, 7, 18))
        last += again
        for dossier in last:
            yield self.councils.evaluation(
                dossier, hour(LAST_PROVINCIAL_SESSION, "16:00"), LAST_PROVINCIAL_SESSION, 4, PROVINCE
            )
        for sitting, decided, here in (
            (1, date(2025, 7, 14), [dossier for day in PROVINCIAL_SESSIONS for dossier in sessions[day]]),
            (4, date(2025, 7, 18), last),
        ):
            yield Step(hour(decided, "10:00"), "decide", PROVINCE,
                       {"number": f"{sitting}36/QĐ-UBND (mô phỏng)", "signed_on": decided, "signer": SIGNER},
                       products(here))  # fmt: skip
            standing = [dossier for dossier in here if sitting == 4 or dossier not in again]
            for dossier in standing:
                if dossier.leaves_at == "provincial_recognition":
                    yield leaving(dossier, decided + timedelta(days=2), {"who": PROVINCE})
            four = [dossier for dossier in standing if dossier.fate.province in (HIGH, TOP)]
            going = [dossier for dossier in four if not dossier.leaves_at]
            yield from self.councils.recognise(PROVINCE, going, decided + timedelta(days=4), f"{sitting}36-CN")
            yield from self._returned([dossier for dossier in standing if dossier not in four])

    def _returned(self, dossiers: Sequence[Planned]) -> Iterator[Step]:
        for district, returned in grouped(dossiers, lambda dossier: dossier.district).items():
            day = date(2025, 8, 12) if district == LATE_DISTRICT else date(2025, 7, 24)
            who = f"{district}-officer"
            for dossier in returned:
                if dossier.leaves_at:
                    yield leaving(dossier, day, {"who": who})
            here = [dossier for dossier in returned if not dossier.leaves_at]
            again = [dossier for dossier in here if dossier.fate.twist is Twist.ANNULLED_AFTER_RETURN]
            yield from self._after_return(district, here, day, "3", again)
            for dossier in again:
                yield self.councils.annulled(dossier, day + timedelta(days=2), who, due_on=day + timedelta(days=14))
            yield from self._after_return(district, again, day + timedelta(days=5), "4", [])

    def _after_return(
        self, district: str, here: Sequence[Planned], day: date, sitting: str, annulled: Sequence[Planned]
    ) -> Iterator[Step]:
        """Yield what a district decides on what the province sent back, and recognises, but for what it will annul."""
        if not here:
            return
        who = f"{district}-officer"
        yield Step(hour(day, "10:30"), "decide", who,
                   {"number": f"{sitting}{district}/QĐ-UBND (mô phỏng)", "signed_on": day, "signer": SIGNER},
                   products(here))  # fmt: skip
        three = [
            dossier
            for dossier in here
            if dossier.fate.province != LOW and 3 not in dossier.fate.failed and dossier not in annulled
        ]
        yield from self.councils.recognise(
            who, three, self.councils.days.add_working_days(day, 3), f"{sitting}{district}-CN"
        )

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
            scores = ballot(self.councils.chance, TOP if passes else (8200, 8890))
            yield one(
                dossier, day, "record-central-result", {"who": PROVINCE}, held_on=day - timedelta(days=8),
                minutes="09/BB-HĐTW (mô phỏng)", mean=sum(s.total for s in scores if s.total is not None) / len(scores),
                gates=gates({} if passes else {5: "chưa có thị trường xuất khẩu"}),
                number="2025/QĐ-BNNMT (mô phỏng)", signed_on=day, signer=SIGNER,
            )  # fmt: skip
