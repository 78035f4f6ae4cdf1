"""Re-recognition under Decision 26/2026/QĐ-TTg: its own rolling way, in each certificate's window, by written opinion."""

from ocop.levels import DossierKind, Level
from ocop.procedure import MetBy, OwnPeriod, PeriodKind, Procedure, Stage
from ocop.procedures.qd26 import (
    AFTER_THE_CENTRE,
    AT_COMMUNE,
    COMMUNE_PERIOD,
    COMMUNE_PHASES,
    FROM_THE_PROVINCES_RESULT,
    LATER_PHASES,
    REVOKING,
    law,
    moves_of,
)
from ocop.procedures.rows import at_the_commune, notes

LAW = law("công nhận lại sản phẩm")
BY_OPINION = law("công nhận lại: hội đồng cho ý kiến bằng văn bản, chỉ họp khi ý kiến khác nhau")
P = Level.PROVINCE

STAGES = (
    *at_the_commune(COMMUNE_PERIOD),
    Stage(
        "written_opinion", P, "Lấy ý kiến hội đồng bằng văn bản",
        "thành viên hội đồng cho ý kiến bằng văn bản và tỉnh ký kết quả", evaluates=True, in_writing=True,
        period=OwnPeriod(
            PeriodKind.OPINION, MetBy.DECISION_SIGNED, days=45, working=False,
            rule=law("công nhận lại: không quá 45 ngày kể từ ngày có hồ sơ đầy đủ"),
        ),
    ),
    Stage("opinion_supplement", P, "Chờ bổ sung (tỉnh)", "chủ thể bổ sung hồ sơ", supplement=True),
    *FROM_THE_PROVINCES_RESULT,
)  # fmt: skip

QD26_RENEWAL = Procedure(
    key="qd26_renewal",
    name="Quy trình công nhận lại của Quyết định 26/2026/QĐ-TTg",
    source=LAW,
    starts={"commune": "registered"},
    stages=STAGES,
    moves=moves_of("written_opinion", "opinion_supplement", BY_OPINION),
    notes=notes(
        STAGES,
        evaluations={"written_opinion": BY_OPINION, "returned_to_province": AFTER_THE_CENTRE},
        filing=AT_COMMUNE,
        certified=("recognised",),
        revoking=REVOKING,
    ),
    phases={
        **COMMUNE_PHASES,
        "written_opinion": ("written_opinion", "opinion_supplement", "provincial_decided", "provincial_recognition"),
        **LATER_PHASES,
    },
    kinds=frozenset({DossierKind.RE_RECOGNITION}),
    rolling=True,
)
"""Its cycle runs through the year and has no date of its own: each dossier has its window and its 45 days."""
