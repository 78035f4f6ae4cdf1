"""The registers: units, people, producers, products, certificates and what ran out."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from casework.expiry import filed_again, standing
from casework.exports import Cell
from casework.imports.people import PEOPLE
from casework.imports.units import UNITS as UNIT_FILE
from casework.lists.listing import Column, ListKind, Wanted, lasting, level, narrowed, simulated, streamed
from casework.living_on import living_on
from models.results import Certificate
from models.units import Person, Post, Producer, Product, Unit
from ocop.levels import Role
from ocop.validity import in_force

COMMUNE = (
    Column("Mã xã", "commune_code", only_in_file=True),
    Column("Xã", "commune"),
)


def _units(session: Session, wanted: Wanted) -> Iterator[Any]:
    parent = aliased(Unit)
    statement = (
        select(
            Unit.level, Unit.code, Unit.name, parent.code.label("parent_code"), Unit.valid_from, Unit.valid_to, Unit.source
        )
        .outerjoin(parent, parent.id == Unit.parent_id)
        .order_by(Unit.valid_from, Unit.id)
    )  # fmt: skip
    return streamed(session, lasting(narrowed(statement, wanted, unit=Unit.id), wanted, Unit))


UNITS = ListKind(
    "units",
    UNIT_FILE.title,
    _units,
    tuple(
        Column(column.vietnamese, level if column.key == "level" else column.key, column.key in {"source"})
        for column in UNIT_FILE.columns
    ),
    by=frozenset({"unit", "day"}),
)
"""The columns of the import file: the list can be corrected in Excel and taken in again."""


def _people(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        select(
            Person.code, Person.name, Person.email, Person.phone, Unit.level, Unit.code.label("unit_code"),
            Unit.name.label("unit"), Post.role, Post.valid_from, Post.valid_to, Person.simulated,
        )
        .join(Post, Post.person_id == Person.id)
        .join(Unit, Unit.id == Post.unit_id)
        .order_by(Unit.level, Unit.code, Person.code, Post.valid_from)
    )  # fmt: skip
    return streamed(session, lasting(narrowed(statement, wanted, unit=Post.unit_id), wanted, Post))


_OF_PEOPLE = {
    "unit_level": level,
    "role": lambda row, wanted: Role(row.role).label,
    "simulated": simulated,
}
PEOPLE_LIST = ListKind(
    "people",
    PEOPLE.title,
    _people,
    tuple(
        Column(column.vietnamese, _OF_PEOPLE.get(column.key, column.key), column.key in {"valid_from", "phone"})
        for column in PEOPLE.columns
    ),
    by=frozenset({"unit", "day"}),
)
"""The columns of the import file; one row for each post that somebody held or holds."""


def _producers(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        select(
            Producer.code, Producer.name, Producer.kind, Producer.contact, Producer.email, Producer.phone,
            Producer.simulated, Unit.code.label("commune_code"), Unit.name.label("commune"),
            select(func.count()).where(Product.producer_id == Producer.id).scalar_subquery().label("products"),
        )
        .join(Unit, Unit.id == Producer.commune_id)
        .order_by(Producer.code)
    )  # fmt: skip
    return streamed(session, narrowed(statement, wanted, unit=Producer.commune_id))


PRODUCERS = ListKind(
    "producers",
    "Chủ thể",
    _producers,
    (
        Column("Mã chủ thể", "code"),
        Column("Chủ thể", "name"),
        Column("Loại hình", "kind"),
        *COMMUNE,
        Column("Người liên hệ", "contact", only_in_file=True),
        Column("Thư điện tử", "email"),
        Column("Điện thoại", "phone", only_in_file=True),
        Column("Số sản phẩm", "products"),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"unit"}),
)


def _certificate_columns(wanted: Wanted) -> tuple[Any, ...]:
    return (
        living_on(wanted.at).label("lives_on"),
        Certificate.number, Certificate.star, Certificate.issued_on, Certificate.valid_until, Certificate.replaced_on,
        Certificate.revoked_on, Certificate.revoked_document,
    )  # fmt: skip


def _products(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        select(
            Product.code, Product.name, Product.group, Product.simulated, Producer.code.label("producer_code"),
            Producer.name.label("producer"), Unit.code.label("commune_code"), Unit.name.label("commune"),
            *_certificate_columns(wanted),
        )
        .join(Producer, Producer.id == Product.producer_id)
        .join(Unit, Unit.id == Producer.commune_id)
        .outerjoin(Certificate, (Certificate.product_id == Product.id) & standing())
        .order_by(Product.code)
    )  # fmt: skip
    return streamed(session, narrowed(statement, wanted, unit=Producer.commune_id))


def certificate_status(row: Any, wanted: Wanted) -> Cell:
    """Return how a certificate stands on the wanted day, computed from its dates; empty where there is none."""
    if row.number is None:
        return ""
    if in_force(row.issued_on, row.valid_until, wanted.day, row.revoked_on, row.replaced_on):
        return "còn hiệu lực"
    if wanted.day < row.issued_on:
        return "chưa có hiệu lực"
    if row.revoked_on is not None and row.revoked_on <= wanted.day:
        return "đã thu hồi"
    if row.replaced_on is not None and row.replaced_on <= wanted.day:
        return "đã được thay thế"
    return "hết hạn, còn giá trị chờ kết quả" if row.lives_on else "hết hạn"


STATUS = (
    Column("Tình trạng", certificate_status),
    Column("Xét vào ngày", lambda row, wanted: wanted.day, only_in_file=True),
)
PRODUCTS = ListKind(
    "products",
    "Sản phẩm",
    _products,
    (
        Column("Mã sản phẩm", "code"),
        Column("Sản phẩm", "name"),
        Column("Nhóm", "group", only_in_file=True),
        Column("Mã chủ thể", "producer_code", only_in_file=True),
        Column("Chủ thể", "producer"),
        *COMMUNE,
        Column("Số giấy chứng nhận", "number"),
        Column("Sao", "star"),
        Column("Có giá trị đến hết ngày", "valid_until"),
        *STATUS,
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"unit", "day"}),
)


def _certificates(wanted: Wanted) -> Select[Any]:
    commune, issuer = aliased(Unit), aliased(Unit)
    return (
        select(
            *_certificate_columns(wanted), Certificate.source, Certificate.simulated, Certificate.commune_id,
            Product.code.label("product_code"), Product.name.label("product"), Producer.code.label("producer_code"),
            Producer.name.label("producer"), commune.code.label("commune_code"), commune.name.label("commune"),
            issuer.name.label("issuer"),
        )
        .join(Product, Product.id == Certificate.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .join(commune, commune.id == Certificate.commune_id)
        .join(issuer, issuer.id == Certificate.unit_id)
    )  # fmt: skip


def _all_certificates(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = _certificates(wanted).order_by(Certificate.valid_until, Certificate.id)
    return streamed(session, narrowed(statement, wanted, unit=Certificate.commune_id))


CERTIFIED = (
    Column("Số giấy chứng nhận", "number"),
    Column("Sao", "star"),
    Column("Mã sản phẩm", "product_code", only_in_file=True),
    Column("Sản phẩm", "product"),
    Column("Mã chủ thể", "producer_code", only_in_file=True),
    Column("Chủ thể", "producer"),
    *COMMUNE,
    Column("Ngày cấp", "issued_on", only_in_file=True),
    Column("Có giá trị đến hết ngày", "valid_until"),
)
CERTIFICATES = ListKind(
    "certificates",
    "Giấy chứng nhận",
    _all_certificates,
    (
        *CERTIFIED,
        *STATUS,
        Column("Cơ quan cấp", "issuer", only_in_file=True),
        Column("Thay thế từ ngày", "replaced_on", only_in_file=True),
        Column("Thu hồi từ ngày", "revoked_on", only_in_file=True),
        Column("Văn bản thu hồi", "revoked_document", only_in_file=True),
        Column("Nguồn", "source", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"unit", "day"}),
)


def _expired(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        _certificates(wanted)
        .where(Certificate.valid_until < wanted.day, standing(), ~filed_again(wanted.at))
        .order_by(Certificate.valid_until, Certificate.id)
    )
    return streamed(session, narrowed(statement, wanted, unit=Certificate.commune_id))


EXPIRED = ListKind(
    "expired",
    "Hết hạn, chưa nộp lại",
    _expired,
    (
        *CERTIFIED,
        Column("Đã hết hạn (ngày)", lambda row, wanted: (wanted.day - row.valid_until).days),
        Column("Cơ quan cấp", "issuer", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"unit", "day"}),
)

REGISTERS = (UNITS, PEOPLE_LIST, PRODUCERS, PRODUCTS, CERTIFICATES, EXPIRED)
