"""What each reader may see of the record: their own unit's, their children's, never another's nor their parent's."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from casework.actors import Actor, person
from casework.scope import Scope, scope_of, scope_of_producer
from models import migrate
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Certificate
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.units import Product, Unit
from ocop.levels import Level
from ocop.working_days import day_of
from tests.factories import CYCLE, Office, an_office
from tests.integration.console_pages import OFFICE, shown, text, total, walked
from tests.merger import learn, merge

pytestmark = pytest.mark.postgresql_long

READERS = {
    # reader: the communes whose dossiers they read; None is all of them
    "14101/officer": {"14101"},
    "14102/head": {"14102"},
    "14201/officer": {"14201"},
    "14202/officer": set(),
    "365/officer": {"14101", "14102"},
    "366/vice_chair": {"14201"},
    "36/officer": None,
    OFFICE: None,
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The walked world, made once: its tests only read."""
    engine = make_engine(DatabaseSettings(home=tmp_path_factory.mktemp("scope"), db_url=""))
    migrate.upgrade(engine)
    yield walked(engine)
    engine.dispose()


def filed(office: Office, communes: set[str] | None) -> set[str]:
    """Return the codes of the dossiers of some communes, or of all."""
    rows = office.rows(select(Dossier.code, Unit.code).join(Unit, Unit.id == Dossier.commune_id))
    return {code for code, commune in rows if communes is None or commune in communes}


def sheet(client: TestClient, address: str) -> list[str]:
    """Return the first column of a list as Excel, without its head."""
    page = load_workbook(BytesIO(client.get(address).content), read_only=True).worksheets[0]
    return [str(row[0]) for row in page.iter_rows(min_row=2, values_only=True)]


@pytest.mark.parametrize("who", READERS)
def test_each_entry_of_the_menu_opens_itself_and_the_first_page_is_one_of_them(office: Office, who: str) -> None:
    client = shown(office, who)
    first = client.get("/")
    assert first.status_code == 200
    entries = re.findall(r'<li><a href="(/[^"?]*)', first.text.partition('id="menu"')[2].partition("</nav>")[0])
    assert first.url.path in entries
    assert {entry: client.get(entry, follow_redirects=False).status_code for entry in entries} == dict.fromkeys(
        entries, 200
    )


@pytest.mark.parametrize(("who", "communes"), READERS.items())
def test_a_list_of_dossiers_holds_what_is_the_readers_own(office: Office, who: str, communes: set[str] | None) -> None:
    client = shown(office, who)
    mine = filed(office, communes)
    assert total(client.get("/dossiers").text) == len(mine)
    assert set(sheet(client, "/dossiers.xlsx")) == mine
    everything = filed(office, None)
    assert 0 < len(mine) < len(everything) or communes in (set(), None)


@pytest.mark.parametrize(("who", "communes"), READERS.items())
def test_a_dossier_outside_is_told_of_in_the_words_for_one_that_there_is_not(
    office: Office, who: str, communes: set[str] | None
) -> None:
    client = shown(office, who)
    mine = filed(office, communes)
    for code in filed(office, None):
        answer = client.get(f"/dossiers/{code}")
        assert answer.status_code == (200 if code in mine else 404), code
        if code not in mine:
            assert answer.text.replace(code, "X") == client.get("/dossiers/KHONG-CO").text.replace("KHONG-CO", "X")


def test_a_filter_widens_nothing(office: Office) -> None:
    client = shown(office, "14101/officer")
    others = office.rows(select(Unit.id).where(Unit.code == "366"))[0][0]
    assert total(client.get(f"/dossiers?unit={others}").text) == 0
    assert total(client.get(f"/dossiers?holder={others}").text) == 0
    assert total(client.get("/dossiers?q=mô phỏng").text) == len(filed(office, {"14101"}))


@pytest.mark.parametrize(("who", "communes"), READERS.items())
def test_certificates_are_those_of_the_territory_in_the_list_the_table_and_the_sheet(
    office: Office, who: str, communes: set[str] | None
) -> None:
    client = shown(office, who)
    rows = office.rows(
        select(Certificate.number, Unit.code)
        .join(Unit, Unit.id == Certificate.commune_id)
        .where(Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None))
    )
    mine = {number for number, commune in rows if communes is None or commune in communes}
    html = client.get("/certificates").text
    assert total(html) == len(mine)
    assert set(sheet(client, "/certificates.xlsx")) == mine
    counted = re.findall(r'<th scope="row">((?:Xã|Huyện) [^<]+)', html)
    assert counted == (["Huyện Giao Thủy"] if communes is None else ["Xã Giao Xuân"] if "14101" in communes else [])


def test_the_plan_tells_a_district_its_own_numbers_and_the_province_all(office: Office) -> None:
    province, district, commune = (
        text(shown(office, who), "/plan") for who in (OFFICE, "365/officer", "14201/officer")
    )
    assert "Chỉ tiêu và kết quả" in province
    assert "Huyện Hải Hậu" in province.partition("Số liệu theo đơn vị")[2]
    assert "Chỉ tiêu và kết quả" not in district
    counted = district.partition("Số liệu theo đơn vị")[2]
    assert "Huyện Giao Thủy" in counted
    assert "Huyện Hải Hậu" not in counted
    assert "Số liệu theo đơn vị" not in commune


def test_somebody_who_left_the_unit_reads_nothing_of_it(office: Office) -> None:
    with transaction(office.engine) as session:
        outsider = person(session, "14101/officer")
        before = day_of(office.now).replace(year=1999)
        assert scope_of(session, outsider, before) == Scope()
        cycle = session.scalars(select(Cycle).where(Cycle.code == CYCLE)).one()
        assert list(session.scalars(select(Dossier.code).where(*Scope().dossiers_of(cycle)))) == []
        assert list(session.scalars(select(Certificate.number).where(*Scope().certificates()))) == []
        assert scope_of(session, Actor("Phần mềm"), before) == Scope()


def test_a_producer_reads_their_own_dossiers_and_certificates_alone(office: Office) -> None:
    with transaction(office.engine) as session:
        held = session.scalars(select(Certificate).order_by(Certificate.id)).first()
        assert held is not None
        maker = session.get_one(Product, held.product_id).producer_id
        scope = scope_of_producer(session, maker)
        cycle = session.scalars(select(Cycle).where(Cycle.code == CYCLE)).one()
        own = set(session.scalars(select(Dossier.id).where(Dossier.producer_id == maker)))
        assert set(session.scalars(select(Dossier.id).where(*scope.dossiers_of(cycle)))) == own
        products = set(session.scalars(select(Product.id).where(Product.producer_id == maker)))
        seen = set(session.scalars(select(Certificate.product_id).where(*scope.certificates())))
        assert held.product_id in seen <= products


def test_the_centre_reads_what_it_holds_or_has_decided_and_every_certificate(office: Office) -> None:
    with transaction(office.engine) as session:
        scope = scope_of(session, person(session, "00/officer"), day_of(office.now))
        assert scope.levels == {Level.CENTRAL}
        held = set(
            session.scalars(
                select(Dossier.code).join(Unit, Unit.id == Dossier.holder_id).where(Unit.level == Level.CENTRAL)
            )
        )
        assert set(session.scalars(select(Dossier.code).where(scope.dossiers()))) == held
        assert scope.certificates() == ()


def test_an_officer_of_a_unit_that_followed_others_reads_what_they_left(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    before = {commune: office.judged("55", commune) for commune in ("14101", "14102", "14201")}
    office.recognise(before["14102"])
    learn(office).go("2025-07-01")
    merge(office)
    client = shown(office, "14101/officer")
    assert set(sheet(client, "/dossiers.xlsx")) == {before["14101"], before["14102"]}
    assert client.get(f"/dossiers/{before['14201']}").status_code == 404
    assert sheet(client, "/certificates.xlsx") == [f"{before['14102']}/GCN-3"]
    assert set(sheet(shown(office, OFFICE), "/dossiers.xlsx")) == set(before.values())
