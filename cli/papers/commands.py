"""The page of commands: every command with its options, from the command line itself."""

from cyclopts import App

from cli.papers.markdown import page

LISTS = """\
Dates are `13/6/2025` or `2025-06-13`; instants `2025-06-13 09:00` in Việt Nam. An option that takes a list is given once for each
member (`--dossiers A --dossiers B`). A list of small forms is JSON:

```console
--scores '[{"member": "Nguyễn Văn Mẫu", "total": "82.5", "chair": true}, {"member": "Lê Thị Mẫu", "total": "81"}]'
--gates '[{"star": 3, "passed": true}, {"star": 4, "passed": false, "reason": "chưa có truy xuất nguồn gốc"}]'
--evidence '[{"kind": "test_report", "title": "Phiếu kiểm nghiệm", "expires_on": "2026-01-31"}]'
--days '[{"day": "2027-02-05", "kind": "holiday", "name": "Tết Nguyên đán"}, {"day": "2027-02-06", "kind": "ordinary"}]'
```

A command ends with 0 when it was done, with 1 when the rules refuse it (the reason is printed in Vietnamese, then in
English) or it was typed wrongly, with 3 when the database does not answer."""


def commands(app: App) -> str:
    """Return the page for a command line."""
    written = app.generate_docs(heading_level=1)
    _, _, below = written.partition("\n")
    return page("Commands", LISTS, below)
