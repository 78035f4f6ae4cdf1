"""Imports recognitions of earlier years: every row is checked against the record and the rest of its file."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.imports.catalogue import Catalogue
from casework.imports.certificates import After, write_certificates, write_producers, write_products
from casework.imports.columns import Imported, Line, refuse
from casework.imports.reading import Table
from casework.imports.recognition import HIGHEST_STAR, HISTORY, HistoryRow, Placed
from casework.imports.references import Place, Places
from casework.imports.values import Wrong
from casework.results import told_points
from models.results import Certificate
from models.units import Product
from ocop.errors import RowProblem
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.scoring import stars
from ocop.working_days import day_of


def import_history(session: Session, table: Table, *, at: datetime, after: After) -> Imported:
    """Write the recognitions of a file; raise InvalidRows, and write nothing, when any row is wrong.

    A recognition is known by its certificate's number and is never changed by a file. A later certificate of a product
    replaces the earlier one on its issue day, whichever of them came first. `after` gets the certificates just written.
    """
    lines, problems = HISTORY.parse(table)
    catalogue = Catalogue(session, [line.row for line in lines])
    record = _Record(session, catalogue, lines)
    places = Places(session)
    problems += catalogue.problems(lines, "producer_commune_code")
    problems += _twins(lines)
    placed: list[Placed] = []
    for line in lines:
        problems += [*_rules(line, day_of(at)), *record.problems(line)]
        settled, wrong = _place(line, places, catalogue, day_of(at))
        problems += wrong
        placed += settled
    refuse(problems)

    fresh = [item for item in placed if item.row.number not in record.by_number]
    producers, renewed = write_producers(session, placed, catalogue)
    products, regrouped = write_products(session, placed, catalogue, producers)
    after(session, write_certificates(session, fresh, record.certificates(), products, at))
    changed = sum(
        1
        for item in placed
        if item.row.number in record.by_number
        and (item.row.producer_code in renewed or item.row.product_code in regrouped)
    )
    return Imported(len(fresh), len(placed) - len(fresh) - changed, changed)


class _Record:
    """The certificates that the record has for a file's products or under its numbers."""

    def __init__(self, session: Session, catalogue: Catalogue, lines: Sequence[Line[HistoryRow]]) -> None:
        columns = select(Certificate, Product.code).join(Product, Product.id == Certificate.product_id)
        ids = [product.id for product in catalogue.products.values()]
        wanted = (Certificate.product_id.in_(ids), Certificate.number.in_([line.row.number for line in lines]))
        found = {c.id: (c, code) for where in wanted for c, code in session.execute(columns.where(where))}
        self.by_number = {c.number: (c, code) for c, code in found.values()}
        self.by_day = {(code, c.issued_on): c for c, code in found.values()}

    def certificates(self) -> list[tuple[Certificate, str]]:
        """Return every certificate found, with its product's code."""
        return list(self.by_number.values())

    def problems(self, line: Line[HistoryRow]) -> Iterator[RowProblem]:
        """Yield what speaks against a row: its number belongs to another recognition, or its day to another number."""
        row = line.row
        if row.number in self.by_number:
            there, product = self.by_number[row.number]
            same = (product, there.star, there.issued_on, there.valid_until)
            if same != (row.product_code, row.star, row.decision_date, row.valid_until):
                yield line.problem(
                    "certificate_number",
                    Phrase(
                        "giấy chứng nhận '%(number)s' đã có trong sổ: sản phẩm %(product)s, %(star)s sao, từ %(first)s đến "
                        "%(last)s; nhập tệp không sửa giấy đã ghi, hãy sửa dòng này cho khớp",
                        number=row.number,
                        product=product,
                        star=there.star,
                        first=there.issued_on,
                        last=there.valid_until,
                    ),
                )
        elif there := self.by_day.get((row.product_code, row.decision_date)):
            yield line.problem(
                "certificate_number",
                Phrase(
                    "sản phẩm này đã có giấy chứng nhận '%(number)s' cùng ngày %(day)s",
                    number=there.number,
                    day=row.decision_date,
                ),
                Phrase("hãy ghi đúng số đó"),
            )


def _twins(lines: Sequence[Line[HistoryRow]]) -> Iterator[RowProblem]:
    """Yield the rows that repeat a certificate's number, or a product's day, of an earlier row."""
    numbers: dict[str, Line[HistoryRow]] = {}
    days: dict[tuple[str, date], Line[HistoryRow]] = {}
    for line in lines:
        same_number = numbers.setdefault(line.row.number, line)
        same_day = days.setdefault((line.row.product_code, line.row.decision_date), line)
        if same_day is not line:
            twice = Phrase("trùng sản phẩm và ngày với dòng %(line)s", line=str(same_day.number))
            yield line.problem("product_code", twice, Phrase("hãy giữ một dòng"))
        elif same_number is not line:
            yield line.problem(
                "certificate_number",
                Phrase("số '%(number)s' đã có ở dòng %(line)s", number=line.row.number, line=str(same_number.number)),
                Phrase("hãy sửa một trong hai số"),
            )


def _rules(line: Line[HistoryRow], today: date) -> Iterator[RowProblem]:
    row = line.row
    if row.decision_date > today:
        yield line.problem("decision_date", Phrase("sau ngày nhập %(day)s", day=today), Phrase("hãy kiểm tra năm"))
    if row.star > (highest := HIGHEST_STAR[row.authority_level]):
        yield line.problem(
            "star",
            Phrase("cấp %(level)s chỉ công nhận đến %(star)s sao", level=row.authority_level.label, star=highest),
            Phrase("hãy sửa sao hoặc cấp"),
        )
    if row.mean is not None and row.star > (earned := stars(row.mean)):
        yield line.problem(
            "star",
            Phrase("%(points)s điểm chỉ được xếp %(star)s sao", points=told_points(row.mean), star=earned),
            Phrase("hãy sửa sao hoặc điểm"),
        )
    if len(row.number) > 100:
        yield line.problem(
            "certificate_number", Phrase("mã sản phẩm quá dài để đặt số"), Phrase("hãy ghi số giấy chứng nhận")
        )


def _place(
    line: Line[HistoryRow], places: Places, catalogue: Catalogue, today: date
) -> tuple[list[Placed], list[RowProblem]]:
    """Return the row with its units, or why one of them cannot be found."""
    row = line.row
    column = "commune_code" if row.commune_code or not row.commune else "commune"
    try:
        commune = _commune(row, places)
        column = "authority_level"
        authority = _authority(row, commune, places)
        column = "producer_commune_code"
        home = _home(row, commune, places, today, row.producer_code in catalogue.producers)
    except Wrong as error:
        return [], [line.problem(column, error.reason)]
    return [Placed(row, commune, authority, home)], []


def _commune(row: HistoryRow, places: Places) -> Place:
    if row.commune_code:
        return places.by_code(Level.COMMUNE, row.commune_code, row.decision_date)
    if row.commune:
        return places.by_names(row.commune, row.district, row.province, row.decision_date)
    raise Wrong(Phrase("để trống"), Phrase("hãy ghi mã xã, hoặc tên xã cùng tên huyện và tên tỉnh"))


def _authority(row: HistoryRow, commune: Place, places: Places) -> Place:
    found = places.above(commune, row.authority_level)
    if found is None:
        raise Wrong(
            Phrase(
                "%(commune)s không thuộc đơn vị cấp %(level)s nào",
                commune=commune.name, level=row.authority_level.label,
            ),
            Phrase("hãy sửa cấp"),
        )  # fmt: skip
    return found


def _home(row: HistoryRow, commune: Place, places: Places, today: date, known: bool) -> Place:
    """Return where the producer is now: as written, or the commune of the certificate while it exists."""
    if row.producer_commune_code:
        return places.by_code(Level.COMMUNE, row.producer_commune_code, today)
    if not known and not commune.exists_on(today):
        raise Wrong(
            Phrase("để trống; %(commune)s nay không còn, hãy ghi mã xã hiện nay của chủ thể", commune=commune.name)
        )
    return commune
