"""Negation compared: what the Arabic says not to be so must not come out as being so."""

import re

from models.text.arabic import for_matching

# Arabic as for_matching writes it. These need no "not" in English: still, especially, must, no doubt, hardly,
# at least, nothing but, however, whether or not, under 18, unmanned, "it changed", "why" …
_HARMLESS = re.compile(
    r"\b[وفا]?(?:"
    r"لا (?:سيما|[يت]?زال\w*|ازال|نزال|بد|شك|ريب|محاله|[يت]قل\w* (?:\w+ )?عن|[يت]زيد\w*|[يت]عدو\w*|اقل|اكثر)"
    r"|لا (?:[يت]نفك|[يت]تجزا|غني|[يت]خفي|اخفي|[يت]نسي|[يت]صدق|[يت]قاس)"
    r"|لم (?:[يت]زل|[يت]زالا?|[يت]كد|[يت]تجاوز|[يت]عد|[يت]لبث\w*|[يت]تعد|[يت]بلغ)"
    r"|(?:لا|لم|لن|ليس\w*) (?:\w+ ){0,8}?(?:الا|سوي|غير)"
    r"|(?:غير|الا) ان\w*|غير (?:ذلك|مره)|(?:ام|او) لا|ما دون|ب?دون (?:سن|طيار\w*)|(?:لقد|قد) غير"
    r")\b|\bدون (?=\d|ال\d)|\A(?:غير|دون)\b"
    r"|(?:\A|[.:,\"(] ?)[وف]?لم\b(?=.*\?)"
)
_VERBAL = re.compile(r"\b[وف]?(?:لا|لم|لن|ليس|ليست|ليسا|ليسوا|لسنا|لستم?|مش)\b")
_NOMINAL = re.compile(r"\b(?:[وفبكل]{0,2}(?:غير|عدم|انعدام|بلا)|[وف]?(?:من |ب)?دون)\b")
_THAT_NOT = re.compile(
    r"\b(?:ألا|لئلا) (?=[يتنأ])"
)  # as the author wrote it: folded, they are «إلا» and «ليلا»

_NOT = re.compile(
    r"n't\b|\b(?:no|not|nor|non|never|none|nothing|nobody|nowhere|neither|cannot|cant|dont|nil|zero|lest|little"
    r"|without|except|unless|un(?!it|iv|der|cle\b|ion|iq|anim|til|to\b|es)[a-z]+|non-?[a-z]+"
    r"|(?!reg|nev|non)[a-z]{3,}less(?:ly|ness)?|hardly|barely|rarely|seldom|scarcely|instead|rather than"
    r"|yet to|fail\w*|refus\w*|refrain\w*|abst[ae]\w+|den(?:y|ied|ies|ial\w*|ying)|lack\w*|absen\w+|avoid\w*"
    r"|prevent\w*|reject\w*|declin(?:ed|ing|es)|prohibit\w*|ban(?:s|ned)?|hate[ds]?|far from|in vain|beyond"
    r"|free (?:of|from)|\w+-free)\b",
    re.IGNORECASE,
)
_AFFIX = re.compile(
    r"\b(?:in(?:ab|ac(?!h|r)|ade|adm|adv|ap|cap|comp|consi|corr|deci|defi|dir|discr|eff|ele|elig|eq|expl|fin|fre|hum"
    r"|just|oper|sec|sensi|sign|sol|stab|suff|surm|tang|tol|val|vis|vol|vul)\w+"
    r"|im(?:mat|mea|mob|mor|part|pass|pat|per[fsv]|poss|prac|prec|prob|prop|prud)\w+|il(?:leg|lib|lic|lit|log)\w+"
    r"|irr\w+|dis(?:a[bdgpr]|b|c[lr]|com|cont|cour|h|int|l|o[br]|p(?:ar|l?eas)|q|r|s|t?as|tr)\w+)\b",
    re.IGNORECASE,
)
# Enough for «غير», «عدم» and «دون» alone, which name a lack rather than deny a sentence.
_LACKING = re.compile(
    r"\b(?:in(?:de|di|ex|form|cre)\w+|a(?:b|typ|sym|syn|mor|pol)\w+|anti\w*|mis\w+|mal\w+|extra\w+|over\w+|off\w*"
    r"|other\w*|chang\w+|alter\w*|bad\w*|poor\w*|weak\w*|low\w*|wrong\w*|under\w*|below|pre-\w+|less|hetero\w+"
    r"|stop\w*|block\w*|against|outside|out|away|drones?|differ\w*|few\w*|only|short\w*|despite|raw|hidden|blurred"
    r"|ambig\w+|loss|lost|miss\w*|wr[io]t\w+|not[ei]\w*|record\w*|affairs?|amateur\w*|graft|defi\w+|\d-0)\b",
    re.IGNORECASE,
)


def loses_negation(source: str, target: str) -> bool:
    """Whether the Arabic denies more than the English does; both as engines read them."""
    form = _HARMLESS.sub(" ", for_matching(source))
    first = _VERBAL.search(form)
    # One "not" also denies what «ولا» goes on with.
    verbal = len(_VERBAL.findall(form)) - (form.count(" ولا ", first.end()) if first else 0)
    if "?" not in source:  # «ألا ترى؟»
        verbal += len(_THAT_NOT.findall(source))
    nominal = len(_NOMINAL.findall(form))
    denied = len(_NOT.findall(target)) + len(_AFFIX.findall(target))
    if verbal:
        return verbal + nominal > denied
    return nominal > 0 and not denied and not _LACKING.search(target)
