"""The one-line changes of behaviour that can be made to a source file, each found by its place in the syntax tree."""

import ast
from dataclasses import dataclass
from pathlib import Path

SWAPS = {
    here: there
    for pair in (
        (ast.Eq, ast.NotEq),
        (ast.Lt, ast.LtE),
        (ast.Gt, ast.GtE),
        (ast.In, ast.NotIn),
        (ast.Is, ast.IsNot),
        (ast.And, ast.Or),
        (ast.Add, ast.Sub),
        (ast.BitOr, ast.BitAnd),
    )
    for here, there in (pair, pair[::-1])
}
OTHER_NAME = {"filter": "exclude", "exclude": "filter", "min": "max", "max": "min"}
# Links of a chain that can be left out: `rows.filter(…).first()` becomes `rows.first()`.
LINKS = {"filter", "exclude", "select_for_update", "order_by", "visible_to", "counted_for", "strip"}
LINKS |= {"open", "standing", "waiting", "active", "valid_on", "pendamping", "lower"}
# What no program acts on: words for people, annotations, decorators, defaults.
WORDS = (ast.Raise, ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom, ast.arguments)
NOT_RUN = {"decorator_list", "annotation", "returns", "type_params", "ctx"}
FUNCTIONS = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True)
class Change:
    """One change: `words` say what becomes what in the lines `first` to `last`; `place` finds it again (see mutated).

    `function` is "" for what is declared at the level of the module.
    """

    file: str
    function: str
    words: str
    first: int
    last: int
    place: tuple


def changes_of(file):
    """Every Change that can be made to `file`, in the order of the text."""
    for number, (node, function, around) in enumerate(_sites(ast.parse(Path(file).read_text()))):
        for turn, new in enumerate(_others(node)):
            yield Change(file, function, _words(node, new), *_lines(around), (number, turn))


def mutated(file, place):
    """The code of `file` with the change at `place`, compiled under its absolute path as when it is imported."""
    path, (number, turn) = Path(file).resolve(), place
    tree = ast.parse(path.read_text())
    node = list(_sites(tree))[number][0]
    new = ast.copy_location(list(_others(node))[turn] or ast.Pass(), node)
    tree = ast.fix_missing_locations(_Replacing(node, new).visit(tree))
    return compile(tree, str(path), "exec", dont_inherit=True)


class _Replacing(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def _sites(node, function="", inside="", around=None):
    """(node, function it stands in, statement or lambda around it) of everything below `node` that runs."""
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if name in NOT_RUN or not isinstance(child, ast.AST) or _is_text(child):
                continue
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                path = f"{inside}.{child.name}".lstrip(".")
                yield from _sites(child, path if isinstance(child, ast.FunctionDef) else function, path)
                continue
            if isinstance(node, ast.ClassDef):
                continue
            here = child if isinstance(child, ast.stmt | ast.Lambda) else around
            name_here = function or ("lambda" if isinstance(child, ast.Lambda) else "")
            if isinstance(child, ast.expr | ast.stmt):
                yield child, name_here, here
            if not isinstance(child, WORDS):
                yield from _sites(child, name_here, inside, here)


def _is_text(node):
    """A docstring, or a list of exported names."""
    if isinstance(node, ast.Assign):
        return getattr(node.targets[0], "id", "") == "__all__"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _lines(statement):
    head = getattr(statement, "test", None) or getattr(statement, "iter", None) or statement
    if isinstance(statement, ast.With | ast.Try):
        return statement.lineno, statement.body[0].end_lineno
    return head.lineno, head.end_lineno


def _words(old, new):
    """What becomes what, of a long text only the surroundings."""
    old, new = (" ".join(ast.unparse(node).split()) if node else "nothing" for node in (old, new))
    begin = max(_alike(old, new) - 30, 0)
    end = max(_alike(old[:begin:-1], new[:begin:-1]) - 30, 0)
    return " -> ".join(
        f"{'…' * bool(begin)}{text[begin : len(text) - end]}{'…' * bool(end)}"[:160] for text in (old, new)
    )


def _alike(one, other):
    """How many characters the two begin with alike."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _others(node):
    """What may stand in the place of `node`: other nodes, or None for nothing at all."""
    match node:
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.AugAssign():
            yield None
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() | ast.Tuple(elts=[ast.Attribute(), *_])]):
            yield None
        case ast.If(test=test, body=body, orelse=rest):
            if len(body) == 1 and not rest and not isinstance(body[0], ast.Raise):
                yield None
            if isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.NamedExpr):
                yield ast.If(ast.UnaryOp(ast.Not(), test), body, rest)
        case ast.Return(value=ast.expr() as value) if getattr(value, "value", value) is not None:
            yield ast.Return(ast.Constant(None))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in SWAPS:
            yield ast.Compare(left, [SWAPS[type(op)]()], [right])
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(SWAPS[type(op)](), values)
            if len(values) > 2:
                yield from (ast.BoolOp(op, rest) for rest in _each_out(values))
            else:
                yield from values
        case ast.BinOp(left=left, op=op, right=right) if type(op) in SWAPS:
            yield ast.BinOp(left, SWAPS[type(op)](), right)
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub(), operand=operand):
            yield operand
        case ast.IfExp(body=body, orelse=rest):
            yield from (body, rest)
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) if len(parts) > 1:
            if not isinstance(getattr(node, "ctx", None), ast.Store):
                yield from (type(node)(rest, *_load(node)) for rest in _each_out(parts))
        case ast.Dict(keys=keys, values=values) if len(keys) > 1:
            yield from (ast.Dict(*rest) for rest in zip(_each_out(keys), _each_out(values), strict=True))
        case ast.Call(func=func, args=args, keywords=keywords):
            yield from (ast.Call(func, args, rest) for rest in _each_out(keywords))
            match func:
                case ast.Attribute(value=value, attr=name) if name in OTHER_NAME:
                    yield ast.Call(ast.Attribute(value, OTHER_NAME[name], ast.Load()), args, keywords)
                case ast.Name(id=name) if name in OTHER_NAME:
                    yield ast.Call(ast.Name(OTHER_NAME[name], ast.Load()), args, keywords)
            if isinstance(func, ast.Attribute) and func.attr in LINKS:
                yield func.value


def _load(node):
    return [] if isinstance(node, ast.Set) else [ast.Load()]


def _each_out(parts):
    """The list `parts` without its first, without its second and so on."""
    return [parts[:at] + parts[at + 1 :] for at in range(len(parts))]
