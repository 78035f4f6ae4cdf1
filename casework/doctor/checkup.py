"""All invariants in one table, and the examination that asks each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from casework.clock import set_mark
from casework.doctor import balance, chains, competence, deadlines, history, letters, papers, results
from casework.doctor.invariant import Invariant, Look, Violation
from casework.health import CHECKED
from casework.poison import UNFIT, said
from models.base import canonical
from ocop.phrase import Phrase

KEPT = 200
"""Violations named for each invariant; all are counted."""

_RECORD = (
    "Sổ đã bị sửa ngoài phần mềm. Dừng ghi, giữ nguyên hiện trạng, dùng “Kiểm lịch sử”, đối chiếu với bản sao lưu "
    "gần nhất còn đúng rồi dùng “Khôi phục bản sao lưu” từ bản đó."
)
_RESULT = (
    "Cơ quan ban hành kiểm tra văn bản gốc rồi dùng “Đính chính quyết định” hoặc “Hủy kết quả đánh giá bằng văn bản”."
)
_SINGLE = "Giữ bản đúng theo văn bản gốc; bản còn lại hủy, thay thế hoặc thu hồi bằng văn bản."
_REPAIR = (
    "Phần mềm vẫn làm tiếp các việc khác. Dùng “Khôi phục bản sao lưu” vào một nơi khác, đối chiếu và lấy "
    "lại dòng bị hỏng, hoặc cài đúng phiên bản phần mềm có quy trình đó; lần theo dõi sau sẽ tự làm tiếp."
)
_WATCH = (
    "Dùng “Làm việc đến hạn ngay”; nếu còn thì xem các luồng theo dõi có đang chạy không, không chạy thì dùng "
    "“Khởi động phần mềm”."
)

# fmt: off
INVARIANTS: tuple[Invariant, ...] = (
    # key                           sentence / who breaks it / what to do
    Invariant("stage_is_last_target", "Mỗi hồ sơ đứng ở bước mà dòng cuối lịch sử của nó dẫn đến.",
              history.stage_is_the_last_target, _RECORD),
    Invariant("lines_are_numbered", "Dòng lịch sử đánh số liên tục từ 1 đến phiên bản của hồ sơ, của chu trình.",
              history.lines_are_numbered, _RECORD),
    Invariant("source_is_previous_target", "Mỗi dòng lịch sử bắt đầu từ bước mà dòng trước dẫn đến.",
              history.sources_follow_targets, _RECORD),
    Invariant("move_in_procedure", "Mỗi bước chuyển có trong quy trình mà hồ sơ được gắn khi nộp.",
              history.moves_stand_in_the_procedure, _RECORD),
    Invariant("chain_holds", "Mã băm của mỗi dòng lịch sử khớp với nội dung và với dòng trước.",
              history.chains_hold, _RECORD),
    Invariant("actor_in_office", "Người thực hiện giữ nhiệm vụ ở đơn vị đó trong ngày, cấp trên nhập thay có văn bản, hoặc chính chủ thể.",
              history.actors_were_in_office, "Kiểm tra thời gian giữ nhiệm vụ; sai thì sửa tệp và dùng “Nhập cán bộ”."),
    Invariant("events_have_letters", "Mỗi sự kiện có đủ các thư mà quy trình quy định.",
              letters.events_have_their_letters, _RECORD),
    Invariant("letters_have_causes", "Mỗi thư có sự kiện hoặc việc đến hạn làm phát sinh nó.",
              letters.letters_have_their_causes, _RECORD),
    Invariant("letters_not_forgotten", "Không thư nào chờ gửi quá hạn cuối mà không được báo là không gửi được.",
              letters.letters_are_sent_or_given_up,
              "Kiểm tra máy chủ thư (OCOP_SMTP_*) và luồng gửi thư; thư không gửi được thì dùng “Gửi lại thư không gửi được”."),
    Invariant("conservation", "Ở mỗi đơn vị: số nhận bằng số chuyển lên, gửi trả, kết thúc và đang giải quyết.",
              balance.conservation_holds, _RECORD),
    Invariant("kept_counts_agree", "Số liệu chuyển nhận mà lần kiểm tra trước giữ lại đúng với lịch sử.",
              balance.kept_counts_agree, "Lần kiểm tra hằng đêm tới sẽ đếm lại; nếu còn sai thì sổ đã bị sửa: dùng “Kiểm lịch sử”."),
    Invariant("holder_exists", "Hồ sơ đang mở do một đơn vị còn tồn tại giữ.",
              competence.holders_exist,
              "Dùng “Nhập đơn vị hành chính” và “Nhập đơn vị kế thừa”, rồi “Sắp xếp đơn vị hành chính”."),
    Invariant("suspended_by_its_lines", "Hồ sơ tạm dừng khi và chỉ khi lịch sử của nó ghi như vậy.",
              competence.suspended_by_its_lines, _RECORD),
    Invariant("stars_follow_mean", "Số sao theo điểm đúng khung điểm của điểm trung bình chính xác.",
              results.stars_follow_the_mean, _RESULT),
    Invariant("mean_of_totals", "Điểm trung bình đúng bằng trung bình các phiếu được tính.",
              results.means_are_of_the_totals, _RESULT),
    Invariant("gates_only_lower", "Sao sau yêu cầu tối thiểu không cao hơn sao theo điểm; sao công nhận không cao hơn cả hai.",
              results.gates_only_lower, _RESULT),
    Invariant("award_within_authority", "Không cấp nào công nhận số sao cao hơn thẩm quyền.",
              results.awards_stay_within_authority, _RESULT),
    Invariant("decision_on_evaluation", "Quyết định đang có hiệu lực ghi đúng kết quả hội đồng mà nó căn cứ.",
              results.decisions_rest_on_their_evaluation, _RESULT),
    Invariant("one_decision_in_force", "Mỗi hồ sơ, mỗi cấp, mỗi mục đích chỉ có một quyết định có hiệu lực.",
              results.one_decision_is_in_force, _SINGLE),
    Invariant("certificate_has_decision", "Mỗi giấy chứng nhận có quyết định cùng số sao, từ 3 sao trở lên.",
              results.certificates_have_their_decision, _RESULT),
    Invariant("one_certificate_in_force", "Mỗi sản phẩm chỉ có một giấy chứng nhận có hiệu lực.",
              results.one_certificate_is_in_force, _SINGLE),
    Invariant("one_open_dossier", "Mỗi sản phẩm chỉ có một hồ sơ đang mở, tính cả các chu trình.",
              results.one_dossier_is_open, "Với hồ sơ thừa, dùng “Chủ thể rút hồ sơ” hoặc “Chuyển hồ sơ sang kỳ sau”."),
    Invariant("quorum_met", "Mỗi phiên họp đủ số phiếu tối thiểu theo kế hoạch, có chủ tịch khi kế hoạch yêu cầu.",
              results.councils_had_their_quorum, _RESULT),
    Invariant("overdue_is_a_breach", "Hồ sơ quá hạn khi và chỉ khi có bản ghi quá hạn đang mở.",
              deadlines.overdue_is_a_breach, _WATCH),
    Invariant("one_breach_per_miss", "Mỗi lần quá một thời hạn chỉ có một bản ghi cho mỗi hồ sơ.",
              deadlines.a_miss_is_one_breach, _RECORD),
    Invariant("due_was_done", "Việc đến hạn được làm, không để quá một ngày.",
              deadlines.what_fell_due_was_done, _WATCH),
    Invariant("attachments_hold", "Mỗi tệp đính kèm còn đó và khớp mã băm khi nộp.",
              papers.attachments_hold, "Lấy lại tệp từ bản sao lưu, hoặc đề nghị chủ thể nộp lại rồi dùng “Thêm tài liệu minh chứng”."),
    Invariant("snapshots_hold", "Mỗi bản chụp hồ sơ còn nguyên như khi nộp.",
              papers.snapshots_hold, _RECORD),
    Invariant("rows_fit_rules", "Mọi chu trình, hồ sơ có quy trình, kế hoạch và bước mà phần mềm biết; không việc nào bị gác lại.",
              papers.rows_fit_the_rules, _REPAIR),
    Invariant("followed_certificate_exists", "Giấy chứng nhận mà hồ sơ nâng hạng, công nhận lại dựa vào có thật.",
              results.followed_certificates_exist, _RECORD),
)
# fmt: on


@dataclass(frozen=True)
class Finding:
    """What one invariant found."""

    invariant: Invariant
    violations: Sequence[Violation]
    """The first ones."""
    total: int

    @property
    def holds(self) -> bool:
        """Whether nobody breaks it."""
        return not self.total


def examine(look: Look, keys: Sequence[str] = ()) -> Iterator[Finding]:
    """Ask every invariant, or those named, and yield what each found, in the table's order."""
    for invariant in INVARIANTS:
        if not keys or invariant.key in keys:
            found = _asked(invariant, look)
            first = list(islice(found, KEPT))
            yield Finding(invariant, first, len(first) + sum(1 for _ in found))


def _asked(invariant: Invariant, look: Look) -> Iterator[Violation]:
    """Yield who breaks an invariant; a row at which its question itself breaks is one of them, and stops no other question."""
    try:
        yield from invariant.find(look)
    except UNFIT as fault:
        yield Violation(
            "không xét hết được", f"có dòng dữ liệu không đọc được ({said(fault)}); xem quy tắc rows_fit_rules"
        )


SOUND = "%(rules)s quy tắc, %(chains)s chuỗi lịch sử với %(lines)s dòng: đều đúng"
BROKEN = (
    "%(rules)s quy tắc, %(chains)s chuỗi lịch sử với %(lines)s dòng: %(broken)s quy tắc không giữ được (%(named)s), "
    "%(faulty)s chuỗi sai"
)


@dataclass(frozen=True)
class Checkup:
    """The outcome of a whole examination, chains included, as a watch tells and remembers it."""

    invariants: int
    broken: dict[str, int]
    """How many violators each broken invariant has, by its key."""
    chains: int
    lines: int
    faulty_chains: int
    custody: balance.Custody
    """What came and went, to be kept for the pages."""

    @property
    def sound(self) -> bool:
        """Whether everything holds."""
        return not self.broken and not self.faulty_chains

    @property
    def rows(self) -> Sequence[dict[str, str | int]]:
        """A row for each broken invariant, and one for the chains that do not hold."""
        sentences = {invariant.key: invariant.sentence for invariant in INVARIANTS}
        told: list[tuple[str, int]] = [(sentences[key], number) for key, number in self.broken.items()]
        if self.faulty_chains:
            told.append(("Chuỗi lịch sử đọc được từ đầu đến cuối.", self.faulty_chains))
        return [{"Quy tắc": sentence, "Số chỗ sai": number} for sentence, number in told]

    @property
    def name(self) -> str:
        """The name of the state in which the nightly check ends."""
        return "Sound" if self.sound else "Broken"

    @property
    def message(self) -> Phrase:
        """The numbers in one line."""
        read = {"rules": str(self.invariants), "chains": str(self.chains), "lines": str(self.lines)}
        if self.sound:
            return Phrase(SOUND, **read)
        named = ", ".join(f"{key} {number}" for key, number in self.broken.items()) or Phrase("không")
        return Phrase(BROKEN, **read, broken=str(len(self.broken)), named=named, faulty=str(self.faulty_chains))


def check(look: Look) -> Checkup:
    """Ask every invariant and read every chain."""
    broken = {finding.invariant.key: finding.total for finding in examine(look) if not finding.holds}
    read = chains.verify(look.session)
    counted = balance.custody(look.session, look.at)
    return Checkup(len(INVARIANTS), broken, read.chains, read.lines, len(read.faults), counted)


def remember(session: Session, checkup: Checkup, at: datetime) -> None:
    """Keep the outcome as a mark, which the morning letter and the console show, and the counts that pages build on."""
    body = {"broken": checkup.broken, "faulty_chains": checkup.faulty_chains, "message": checkup.message}
    set_mark(session, CHECKED, canonical(body), at)
    balance.keep(session, checkup.custody, at)
