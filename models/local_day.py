"""The day in Việt Nam of an instant, inside a query, on both databases."""

from datetime import date
from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class local_day(FunctionElement[date]):
    """The day of the law on which an instant lies; Việt Nam has known no daylight saving since it has this zone."""

    type = Date()
    inherit_cache = True


@compiles(local_day, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+7 hours')"


@compiles(local_day, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE)"
