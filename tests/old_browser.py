"""What Chrome 88 makes of our files: what it does not know yet, and what it drops for that.

A list, not the browser itself: who uses a newer feature that is not named here names it.
"""

import re
from typing import NamedTuple

MINIMUM = 88

# Pieces of CSS and the version of Chrome that first knew them.
AT_RULES = {"@layer": 99, "@container": 105, "@starting-style": 117, "@scope": 118, "@view-transition": 126}
SELECTORS = {
    r":has\(": 105, r":modal\b": 105, r"::highlight\b": 105, r"::view-transition": 111, r":autofill\b": 110,
    r":popover-open\b": 114, r":user-(in)?valid\b": 119, r":dir\(": 120, r":state\(": 125,
    r"::details-content\b": 131, r"::scroll-marker": 135, r":open\b": 133, r"^&|\s&": 112,
}  # fmt: skip
CONDITIONS = {r"forced-colors": 89, r"[<>]": 104, r"prefers-contrast": 96, r"prefers-reduced-data": 200}
PROPERTIES = {
    "accent-color": 93, "scrollbar-gutter": 94, "text-emphasis": 99, "translate": 104, "rotate": 104, "scale": 104,
    "container": 105, "container-type": 105, "container-name": 105, "hyphenate-character": 106,
    "view-transition-name": 111, "text-wrap": 114, "white-space-collapse": 114, "text-wrap-style": 114,
    "animation-timeline": 115, "offset-position": 116, "mask": 120, "mask-image": 120, "scrollbar-color": 121,
    "scrollbar-width": 121, "field-sizing": 123, "anchor-name": 125, "position-anchor": 125,
    "interpolate-size": 129, "text-box": 133, "print-color-adjust": 136, "line-clamp": 200, "text-size-adjust": 54,
    "forced-color-adjust": 89, "overscroll-behavior-block": 77, "font-palette": 101, "inset-area": 125,
}  # fmt: skip
VALUES = {
    r"\d(cqi|cqw|cqb|cqh|cqmin|cqmax)\b": 105, r"\d[dsl]v(h|w|i|b|min|max)\b": 108,
    r"\b(color-mix|oklch|oklab|lch|lab|hwb|color)\(": 111, r"\blight-dark\(": 123, r"\bsubgrid\b": 117,
    r"\b(round|mod|rem|abs|sign)\(": 125, r"\b(sin|cos|tan|pow|sqrt|hypot)\(": 111, r"\bstretch\(": 138,
    r"\bsafe (center|end|start)\b": 115, r"(?<!-)\bimage-set\(": 113, r"\bcalc-size\(": 129,
}  # fmt: skip

# Pieces of JavaScript and HTML.
SCRIPTS = {
    r"\.replaceChildren\(": 89,  # Chrome knows it since 86, other browsers of that time do not
    r"\.at\(": 92, r"\bObject\.hasOwn\b": 93, r"\bstructuredClone\(": 98, r"\.randomUUID\(": 92,
    r"\.findLast(Index)?\(": 97, r"\.checkVisibility\(": 105, r"\bAbortSignal\.(timeout|any)\b": 103,
    r"\bstatic \{": 94, r"#\w+ in \b": 91, r"^\s*await ": 89, r"\bURL\.canParse\b": 120, r"\.inert\b": 102,
    r"\.(show|hide|toggle)Popover\(": 114, r"\bnew FormData\([^()]*, ": 112, r"\.startViewTransition\(": 111,
    r"\.to(Sorted|Reversed|Spliced)\(": 110, r"\bObject\.groupBy\b": 117, r"\bPromise\.withResolvers\b": 119,
    r"\bArray\.fromAsync\b": 121, r"\.isSubsetOf\(": 122, r"\.moveBefore\(": 133, r"\bscheduler\.": 94,
    r"\.setHTML(Unsafe)?\(": 124, r"'from-image'": 111, r"/[a-z]*v[a-z]*\.test\b": 112, r"\bnew URLPattern\b": 95,
    r"\bIntl\.(Segmenter|DurationFormat)\b": 91, r"\.isWellFormed\(": 111, r"\bnavigator\.userActivation\b": 72,
    r"\bshow(Open|Save)FilePicker\b": 86, r"\.showPicker\(": 99, r"\bcookieStore\b": 87, r"\(\?<=": 62,
}  # fmt: skip
TAGS = {
    r"\spopover(target)?\b": 114, r"\sinert\b": 102, r"<search\b": 118, r"\shidden=\"until-found": 102,
    r"\sfetchpriority=": 101, r"\sblocking=": 105, r"\scommandfor=": 135, r"<selectedcontent\b": 134,
}  # fmt: skip


class Rule(NamedTuple):
    """A rule (`body` holds rules and declarations) or, with `body` None, one declaration or statement."""

    head: str
    body: list | None


class Lost(NamedTuple):
    """What an old browser drops: a whole rule (`declarations` of it), or one declaration of `rule`."""

    rule: str
    declarations: list
    whole: bool = True
    earlier: list = []


def newer(text, known):
    """Whether `text` holds one of the pieces `known` ({pattern: version}) that came after the minimum."""
    return any(version > MINIMUM and re.search(pattern, text) for pattern, version in known.items())


def parse(css):
    """The rules of a style sheet, nested as they are written."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    stack, text, depth = [[]], "", 0
    for piece in re.findall(r'"[^"]*"|\'[^\']*\'|.', css, flags=re.DOTALL):
        depth += (piece == "(") - (piece == ")")
        if depth or piece not in "{};":
            text += piece
            continue
        if piece == "{":
            stack[-1].append(Rule(text.strip(), []))
            stack.append(stack[-1][-1].body)
        else:
            if text.strip():
                stack[-1].append(Rule(text.strip(), None))
            if piece == "}":
                stack.pop()
        text = ""
    return stack[0]


def holds(condition):
    """Whether `@supports condition` holds for the old browser."""
    inner = condition.removeprefix("@supports").strip()
    wrong = inner.startswith("not ")
    known = (
        not newer(inner, SELECTORS)
        and not newer(inner, VALUES)
        and not newer_declaration(inner.strip("()"), in_flex=False)
    )
    return known != wrong


def name_of(declaration):
    return declaration.partition(":")[0].strip()


def newer_declaration(text, *, in_flex):
    """Whether the old browser drops a declaration, which stands in a flex container or not."""
    name, _, value = text.partition(":")
    name = name.strip()
    return (
        PROPERTIES.get(name, 0) > MINIMUM
        or newer(value, VALUES)
        or (name.startswith("overflow") and bool(re.search(r"\bclip\b", value)))  # 90
        or (
            in_flex and name in {"align-items", "justify-content"} and value.strip() in {"start", "end"}
        )  # 93
    )


def drop(rules, lost):
    """The rules that the old browser keeps; what it drops is added to `lost`."""
    kept = []
    for head, body in rules:
        if body is None:
            kept.append(Rule(head, None))
        elif head.startswith("@"):
            name = head.split()[0].split("(")[0]
            if name == "@supports":
                if holds(head):
                    kept.extend(drop(body, lost))
            elif AT_RULES.get(name, 0) > MINIMUM or (name == "@media" and newer(head, CONDITIONS)):
                lost.append(Lost(head, []))
            elif name == "@media":
                kept.append(Rule(head, drop(body, lost)))
            else:
                kept.append(Rule(head, body))
        else:
            kept.extend(drop_parts(head, body, lost))
    return kept


def drop_parts(head, body, lost):
    declarations = [one.head for one in body if one.body is None]
    if newer(head, SELECTORS):
        lost.append(Lost(head, declarations))
        return []
    lost.extend(Lost(f"{head} {{ {one.head}", []) for one in body if one.body is not None)
    in_flex = any(re.match(r"display:\s*(inline-)?flex|flex-direction", one) for one in declarations)
    kept = []
    for one in declarations:
        if newer_declaration(one, in_flex=in_flex):
            lost.append(Lost(head, [one], whole=False, earlier=[name_of(each) for each in kept]))
        else:
            kept.append(one)
    return [Rule(head, [Rule(one, None) for one in kept])]


def written(rules):
    return "\n".join(
        f"{head};" if body is None else f"{head} {{\n{written(body)}\n}}" for head, body in rules
    )


def as_old(css):
    """(the style sheet as the old browser reads it, [Lost, ...])."""
    lost = []
    return written(drop(parse(css), lost)), lost
