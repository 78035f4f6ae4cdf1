"""The producers and products that a file's rows name, compared with the record and with each other."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.imports.columns import Line
from models.units import Producer, Product
from ocop.errors import RowProblem
from ocop.phrase import Phrase
from ocop.text import fold


class Listed(Protocol):
    """A row that names a product and who makes it."""

    @property
    def producer_code(self) -> str:
        """The producer's code."""

    @property
    def producer_name(self) -> str:
        """The producer's name."""

    @property
    def product_code(self) -> str:
        """The product's code."""

    @property
    def product_name(self) -> str:
        """The product's name."""


Named = TypeVar("Named", bound=Listed)

NAMES = frozenset({"producer_name", "product_name"})
PRODUCER_FIELDS = ("producer_kind", "contact", "email", "phone")


class Catalogue:
    """Producers and products of the record that some rows name, read in one query each."""

    def __init__(self, session: Session, rows: Iterable[Listed]) -> None:
        """Read what the record has under the rows' codes."""
        listed = tuple(rows)
        makers = {row.producer_code for row in listed}
        goods = {row.product_code for row in listed}
        self.producers = {p.code: p for p in session.scalars(select(Producer).where(Producer.code.in_(makers)))}
        owned = session.execute(
            select(Product, Producer.code)
            .join(Producer, Producer.id == Product.producer_id)
            .where(Product.code.in_(goods))
        ).all()
        self.products = {product.code: product for product, _ in owned}
        self._makers = {product.code: maker for product, maker in owned}

    def problems(self, lines: Sequence[Line[Named]], place: str) -> list[RowProblem]:
        """Return every row that says something else of a code than the record or an earlier row does.

        `place` is the column that says where the producer is now.
        """
        found: list[RowProblem] = []
        producers: dict[str, Line[Named]] = {}
        products: dict[str, Line[Named]] = {}
        for line in lines:
            found += self._against_record(line)
            row = line.row
            own: tuple[str, ...] = ("producer_name",) if row.producer_code not in self.producers else ()
            found += _against(
                producers.setdefault(row.producer_code, line), line, "producer_code", (*own, *PRODUCER_FIELDS, place)
            )
            own = ("product_name", "producer_code") if row.product_code not in self.products else ()
            found += _against(products.setdefault(row.product_code, line), line, "product_code", (*own, "group"))
        return found

    def _against_record(self, line: Line[Named]) -> Iterable[RowProblem]:
        row = line.row
        producer, product = self.producers.get(row.producer_code), self.products.get(row.product_code)
        if producer is not None and fold(producer.name) != fold(row.producer_name):
            yield line.problem("producer_code", *_taken(row.producer_code, producer.name))
        if product is not None and fold(product.name) != fold(row.product_name):
            yield line.problem("product_code", *_taken(row.product_code, product.name))
        maker = self._makers.get(row.product_code, row.producer_code)
        if maker != row.producer_code:
            yield line.problem(
                "producer_code",
                Phrase("sản phẩm này trong sổ thuộc chủ thể mã '%(code)s'", code=maker),
                Phrase("hãy sửa một trong hai mã"),
            )


def _taken(code: str, name: str) -> tuple[Phrase, Phrase]:
    return (
        Phrase("mã '%(code)s' trong sổ là '%(name)s'", code=code, name=name),
        Phrase("hãy ghi đúng tên đó hoặc dùng mã khác"),
    )


def _against(first: Line[Named], line: Line[Named], code: str, fields: Sequence[str]) -> Iterable[RowProblem]:
    """Yield where two rows under one code differ; an empty cell differs from nothing, spelling of marks neither."""
    for field in fields:
        said, says = getattr(first.row, field), getattr(line.row, field)
        if said and says and (fold(said) != fold(says) if field in NAMES else said != says):
            yield line.problem(
                field,
                Phrase(
                    "khác với dòng %(line)s của cùng mã '%(code)s' ('%(said)s')",
                    line=str(first.number),
                    code=getattr(line.row, code),
                    said=str(said),
                ),
                Phrase("hãy ghi giống nhau hoặc sửa mã"),
            )
