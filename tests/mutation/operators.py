"""What a mutant is: one small fault planted in a module's syntax tree, of the kinds that people make.

Not mutated, because no rule hangs on it: annotations, docstrings, the words of sentences (a text with a space or a
Vietnamese letter; the facts that a sentence quotes are mutated), and what a ValueError tells a programmer.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Names = Mapping[str, str]
"""What stands for what: a name of the module, or 'Enum.MEMBER', and another of its kind."""

COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
"""Each comparison with its boundary moved, and turned round."""

ARITHMETIC: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}

CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}

GENERIC = frozenset(
    {"tuple", "list", "dict", "set", "frozenset", "type", "Mapping", "Sequence", "Iterator", "Iterable", "Callable",
     "Counter", "Row"}
)  # fmt: skip
"""Names whose subscript is a type."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

Variant = tuple[ast.AST | None, str]
"""What takes a node's place, None for its removal from a list, and what that is called."""


@dataclass(frozen=True)
class Mutant:
    """One planted fault: where it stands in words that survive other edits of the file, and on which lines."""

    module: str
    key: str
    """'function: before → after', numbered where the same stands in one function again."""
    lines: tuple[int, int]
    """The first and the last line of what is changed, for finding the tests that run it."""
    scope: tuple[int, int]
    """The first and the last line of the function around it."""
    imported: bool
    """It acts when the module is imported, so that any test may see it."""
    in_class: bool
    """It stands in a class, or in the head of a function: what is made once at import cannot be changed in place."""


@dataclass
class Site:
    """A place in the tree with the node that is to stand there."""

    mutant: Mutant
    parent: ast.AST
    name: str
    index: int | None
    new: ast.AST | None

    def plant(self, tree: ast.Module) -> ast.Module:
        """Change the tree; it is spent afterwards."""
        if self.index is None:
            setattr(self.parent, self.name, self.new)
        elif self.new is None:
            del getattr(self.parent, self.name)[self.index]
            if isinstance(self.parent, ast.Dict):
                del self.parent.values[self.index]
        else:
            getattr(self.parent, self.name)[self.index] = self.new
        return ast.fix_missing_locations(tree)


@dataclass(frozen=True)
class _At:
    """What is known of the surroundings while walking down."""

    owner: str = ""
    imported: bool = True
    sentence: bool = False
    """Inside an f-string that is a sentence."""
    in_class: bool = False
    scope: tuple[int, int] = (0, 0)


def sites(module: str, tree: ast.Module, names: Names) -> list[Site]:
    """Return every mutant of a module's tree, in the order of the file."""
    seen: Counter[str] = Counter()
    found: list[Site] = []
    for parent, name, index, node, (new, what), at in _walk(tree, _At(), names):
        key = f"{at.owner or 'module'}: {what}"
        seen[key] += 1
        if seen[key] > 1:
            key = f"{key} #{seen[key]}"
        first = getattr(node, "lineno", getattr(parent, "lineno", 1))
        last = getattr(node, "end_lineno", None) or first
        if isinstance(node, ast.If | ast.While | ast.For | ast.match_case):
            last = first
        found.append(
            Site(Mutant(module, key, (first, last), at.scope, at.imported, at.in_class), parent, name, index, new)
        )
    return found


Found = tuple[ast.AST, str, int | None, ast.AST, Variant, _At]


def _walk(parent: ast.AST, at: _At, names: Names) -> Iterator[Found]:
    for name, value in ast.iter_fields(parent):
        if name in {"annotation", "returns", "type_comment", "ctx", "type_params"}:
            continue
        if isinstance(parent, ast.Subscript) and isinstance(parent.value, ast.Name) and parent.value.id in GENERIC:
            continue
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, node in children:
            if not isinstance(node, ast.AST) or _silent(node):
                continue
            below = _below(parent, name, node, at)
            for variant in _variants(parent, name, node, below, names):
                yield parent, name, index, node, variant, below
            yield from _walk(node, below, names)


def _silent(node: ast.AST) -> bool:
    """Return whether nothing in the node is a rule: imports, docstrings, a ValueError's words."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Call(func=ast.Name(id="ValueError" | "ProgrammingFault")):
            return True
    return False


def _below(parent: ast.AST, name: str, node: ast.AST, at: _At) -> _At:
    owner, imported = at.owner, at.imported
    if isinstance(parent, FUNCTIONS) and name == "body":
        imported = False
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        owner = f"{owner}.{node.name}".strip(".")
    elif isinstance(parent, ast.Module) and isinstance(node, ast.Assign | ast.AnnAssign):
        owner = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
    elif isinstance(parent, ast.ClassDef) and isinstance(node, ast.AnnAssign | ast.Assign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        owner = f"{owner}.{ast.unparse(target)}"
    sentence = at.sentence or (isinstance(node, ast.JoinedStr) and _is_sentence(node))
    in_class = at.in_class or isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    scope = at.scope
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        scope = (node.lineno, node.end_lineno or node.lineno)
    return _At(owner, imported, sentence, in_class, scope)


def _is_sentence(node: ast.JoinedStr) -> bool:
    return any(isinstance(part, ast.Constant) and words(str(part.value)) for part in node.values)


def words(text: str) -> bool:
    """Return whether a text is language: it has a space or a letter beyond ASCII."""
    return any(sign.isspace() or not sign.isascii() for sign in text)


def _told(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else f"{text[:67]}..."


def _variants(parent: ast.AST, name: str, node: ast.AST, at: _At, names: Names) -> Iterator[Variant]:
    """Yield what may take a node's place."""
    for new in _replacements(parent, name, node, at, names):
        yield new, f"{_told(node)} → {_told(new)}"
    if removal := _removal(parent, name, node):
        yield None, f"{removal} without {_told(node)}"


def _replacements(parent: ast.AST, name: str, node: ast.AST, at: _At, names: Names) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for place, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield ast.Compare(left, [*ops[:place], other(), *ops[place + 1 :]], comparators)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for place in range(len(values)):
                rest = [*values[:place], *values[place + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            if not (isinstance(op, ast.BitOr) and _a_type(left)):
                yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.Constant(value=value):
            yield from _constants(parent, name, value, at)
        case ast.FormattedValue() if isinstance(parent, ast.JoinedStr):
            yield ast.Constant("")
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Continue() | ast.Break() | ast.AugAssign() | ast.Delete() | ast.Expr():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Call(func=ast.Name(id=called), args=args, keywords=keywords) if called in CALLED:
            if called != "sorted":
                yield ast.Call(ast.Name(CALLED[called], ast.Load()), args, keywords)
            else:
                yield ast.Call(ast.Name("list", ast.Load()), args, [])
        case ast.Attribute(value=ast.Name(id=owner), attr=attr, ctx=ast.Load()) if f"{owner}.{attr}" in names:
            yield ast.parse(names[f"{owner}.{attr}"], mode="eval").body
        case ast.Name(id=known, ctx=ast.Load()) if at.imported and known in names:
            yield ast.Name(names[known], ast.Load())
    if name == "test" and isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.NamedExpr | ast.Subscript):
        yield ast.UnaryOp(ast.Not(), node)
    if isinstance(parent, ast.match_case) and name == "guard":
        yield ast.Constant(True)


def _constants(parent: ast.AST, name: str, value: object, at: _At) -> Iterator[ast.Constant]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int():
            yield ast.Constant(value + 1)
            if not (isinstance(parent, ast.UnaryOp)):
                yield ast.Constant(value - 1)
        case str() if isinstance(parent, ast.JoinedStr):
            if not at.sentence and not words(value):
                yield ast.Constant("")
        case str() if words(value):
            return
        case str() if value.replace(".", "", 1).isdigit():
            last = int(value[-1])
            yield ast.Constant(f"{value[:-1]}{(last + 1) % 10}")
        case str():
            yield ast.Constant(f"{value}x")


def _removal(parent: ast.AST, name: str, node: ast.AST) -> str:
    """Return what loses a member when the node is taken out; an empty text when it has to stay."""
    match parent:
        case ast.List() | ast.Set():
            return "a list" if name == "elts" and not _a_word(node) else ""
        case ast.Tuple(ctx=ast.Load()) if name == "elts":
            return "a tuple"
        case ast.Dict() if name == "keys":
            return "a table"
        case ast.Call(keywords=keywords) if name == "keywords" and keywords:
            assert isinstance(node, ast.keyword)
            return "" if _is_flag(node.value) or _a_word(node.value) or node.arg is None else "a call"
        case ast.comprehension() if name == "ifs":
            return "a comprehension"
        case ast.Match() if name == "cases" and len(parent.cases) > 1:
            return "a match"
        case ast.MatchOr() if len(parent.patterns) > 2:
            return "a pattern"
        case ast.FunctionDef() if name == "decorator_list" and _told(node) not in {"property", "dataclass"}:
            return "a function"
    return ""


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_flag(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _a_word(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and words(node.value)


def _a_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and (node.id[:1].isupper() or node.id in {"int", "str", "bool"})
