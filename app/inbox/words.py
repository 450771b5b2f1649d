"""The words that volunteers use in texts, by what they are a sign of.

Data only; `rules` say how signs become a meaning. A phrase is written without accents,
apostrophes or hyphens between words (both sides are read the same way), the longest phrase
wins, and phrases are set apart by commas. To teach a new spelling, add it here and a row to
the table in `tests/inbox/test_rules.py`.

YES, CANCEL and END are taken off the carrier's own keyword lists (see README), so that they
reach us. CANCEL is a no: the sender gives up a place. END and QUIT, standing alone, are a
stop. English wishes to stop have a grammar of their own, in `rules.stopping`. Other
languages are those most spoken in the county.
"""

from __future__ import annotations

from enum import Enum, auto


class Sign(Enum):
    """What one word or phrase is a sign of, on its own."""

    YES = auto()  # says yes, whatever stands around it
    CLAIM = auto()  # offers to come; a "can't" or "not" before it turns it round
    WEAK_YES = auto()  # a yes only where nothing else is said: "ok thanks" is none
    NO = auto()
    CANT = auto()  # a no that also turns round the offers after it: "can't be there"
    NOT = auto()  # turns round the offers after it, and is nothing alone
    WEAK_NO = auto()
    STOP = auto()  # a clear opt-out anywhere in a text
    BARE_STOP = auto()  # the word itself; `rules.stopping` says when it is an opt-out
    LONE_STOP = auto()  # an opt-out only alone: "END"
    START = auto()  # only where nothing else is said
    HELP = auto()  # only where nothing else is said
    ASK = auto()  # a question even without its mark
    FIRST_ASK = auto()  # a question when it opens the text
    UNSURE = auto()
    THANKS = auto()
    FILLER = auto()  # polite or empty words
    IDIOM = auto()  # looks like a sign and is none: "bus stop", "no rush"
    BUT = auto()  # begins a new clause


PHRASES: dict[Sign, str] = {
    Sign.YES: """
        yes, yess, yees, yse, eys, yesh, yex, yez, yed, yesd, yesa, tes, ues, yws, yess i,
        yep, yeps, yip, yup, yupp, yh, yeh, yeah, yea, yeahh, yeas, ya, yah, yass, yas, ye, aye,
        yessir, yes sir, yes maam, yes pls, affirmative, absolutely, definitely, definately,
        defo, deffo, deffinitely, certainly, gladly, indeed, of course, ofc, sure, sure thing,
        surely, why not, why not?, roger, wilco, will do, ok will do, please do, okey dokey, oui,
        no problem, no problems, no prob, no probs, no problemo, no bother, not a problem,
        no trouble, no hassle, no stress, np, no doubt, wouldnt miss it, cant say no, not busy,
        go on then, go for it, lets do it, count on me, thats fine, that is fine, fine by me,
        fine with me, im fine with that, thats ok, ok by me, ok with me, sounds good,
        sounds great, works for me, i dont mind, dont mind, i do not mind, happy to oblige,
        tak, oczywiscie, jasne, pewnie, nie ma problemu, chetnie, nie ma sprawy,
        haa, haan, haanji, haan ji, hanji, haji, ji haan, jee haan, ji ha, ha ji, jee, hn ji,
        bilkul, zaroor, theek hai, thik hai, thik che, barabar, chokkas, ho jayega,
        હા, હા જી, જી હા, ચોક્કસ, ઠીક છે, ਹਾਂ, ਹਾਂ ਜੀ, ਹਾਂਜੀ, ਜੀ ਹਾਂ, ਜੀ, ਠੀਕ ਹੈ,
        ہاں, جی ہاں, جی, ہاں جی, ٹھیک ہے, ضرور, हाँ, हां, जी हाँ, जी हां, ठीक है,
        হ্যাঁ, জি, так, نعم,
        ie, ydw, gallaf, byddaf, gwnaf, iawn, wrth gwrs, dim problem, ie plis
    """,
    Sign.CLAIM: """
        i can, i could, i will, ill do it, ill do, i shall, can do, could do, we can, we will,
        can come, can help, can make, can make it, can drive, can be there, can cover, can attend,
        can work, can take, can manage, able to, able, be able to, make it, made it, ill make it,
        ill be there, be there, ill b there, b there, ill come, will come, ill go, coming, come,
        comin, ill take it, ill take, ill cover, ill help, will help, happy to, glad to, love to,
        pleased to, id be happy to, happy to help, im happy to help, would like to, id like to,
        id love to, im in, i am in, count me in, put me down, put my name down, sign me up,
        add me, pick me, book me in, im up for it, up for it, up for that, im game, im there,
        im free, free, available, avail, availble, avaliable, im available, i accept, accept,
        on my way, omw, on the way, on route, en route, leaving now, setting off, see you there,
        see you then, see you soon, see u there, see u then, see u soon, see you at,
        good to go, do it, do this, help out, to help, attend, want to help, like to help,
        moge, moge przyjsc, bede, przyjde, hu aavish, hu avish, aavish, main aa raha hoon,
        aa raha hu, main aunga, ਆਵਾਂਗਾ, ਆਵਾਂਗੀ, ਆ ਜਾਵਾਂਗਾ, ਆ ਜਾਵਾਂਗੀ, آؤں گا, آؤں گی,
        آ جاؤں گا, آ جاؤں گی, હું આવીશ, આવીશ, fe ddof, mi ddof, ar fy ffordd
    """,
    Sign.WEAK_YES: """
        ok, okay, okey, okie, oki, oky, okk, kk, k, fine, all right, alright, alrite, all good,
        y, can, ha, han, hn, da, si, dobrze, dobra, accha, acha, agreed, confirmed, confirm
    """,
    Sign.NO: """
        no, noo, nope, nop, nah, nahh, naw, nay, no sorry, no thanks, no thank you, no thankyou,
        no ta, no way, no can do, negative, never, afraid not, im afraid not, sadly not, sadly,
        unfortunately, unfortunatly, unfortunatley, sorry not, not this time, not tonight,
        not today, not tomorrow, not for me, not now, not me, not possible, not really, not free,
        not available, not around, not here, not in, not well, not up to it, not interested,
        not able, not able to, not happening, not a chance, not going, not coming, no chance,
        definitely not, absolutely not, certainly not, of course not, sure not, not any more,
        rather not, id rather not, pass, ill pass, pass on this, count me out, im out, busy,
        too busy, away, im away, on holiday, on hols, on vacation, im working, working tonight,
        at work, working late, on shift, on nights, im ill, im poorly, poorly, unwell,
        ive got covid,
        got covid, have covid, isolating, in hospital, injured, too late for me, too far,
        too far for me, too late, another time, some other time, next time, maybe next time,
        perhaps next time, another day, have to drop out, drop out, dropping out, pull out,
        pulling out, back out, backing out, withdraw, withdrawing, let you down,
        give up my place, give my place, someone else can have my place, double booked,
        prior engagement, otherwise engaged, have plans, got plans, already got plans,
        cancel, cancel me, cancel please, please cancel, cancelling, need to cancel,
        take me off the rota, take me off the shift, take me off this shift, take me off tonight,
        take me off that shift, take me off for tonight, take me off this one,
        remove me from the rota, remove me from the shift, remove me from this shift,
        remove me from tonight, remove me from that shift, remove me from this one,
        take me off tonights, take me off tomorrow, take me off tomorrows, take me off today,
        take me off todays, take me off monday, take me off tuesday, take me off wednesday,
        take me off thursday, take me off friday, take me off saturday, take me off sunday,
        take me off shift, remove me from tonights, remove me from tomorrow,
        remove me from tomorrows, remove me from today, remove me from todays,
        remove me from monday, remove me from tuesday, remove me from wednesday,
        remove me from thursday, remove me from friday, remove me from saturday,
        remove me from sunday, remove me from shift,
        wont be able, dont think so, i dont think so, do not think so, dont think i can,
        love to but, id love to but, would love to but, like to but, id like to but, happy to but,
        i would but, would but, normally yes but, normally i would, i could but, wish i could,
        if i could i would, not able to make it,
        nie, nie moge, nie dam rady, niestety, naa, naa ji, na ji, nahi, nahin, nahi ji, nhi,
        nai, nathi, ji nahi, naa bhai, ના, ના જી, નહીં, નહિ, નથી, ਨਹੀਂ, ਨਹੀਂ ਜੀ, ਜੀ ਨਹੀਂ,
        ਨਾਂਹ, ਨਾਂਹ ਜੀ, انکار, نہیں, جی نہیں, نہیں جی,
        नहीं, जी नहीं, না, ні, لا, na, nage, nac ydw, na allaf,
        na fyddaf, dim diolch, methu, alla i ddim, ddim ar gael
    """,
    Sign.CANT: """
        cant, cannot, can not, carnt, cnt, cany, caant, couldnt, could not, wont, will not,
        unable, i will not, we will not, i can not, i could not, unable to, wont be, not gonna,
        im not going to, not going to, struggling to
    """,
    Sign.NOT: """
        not, dont, do not, didnt, isnt, arent, wouldnt, would not, am not, aint, nt, nobody, noone,
        no one
    """,
    Sign.WEAK_NO: "n, na na",
    # English is read by its grammar, in `rules.stopping`; these stand for the other languages.
    Sign.STOP: """
        wypisz, wypisz mnie, wypiszcie mnie, usun mnie, usuncie mnie, usun moj numer,
        nie pisz, nie piszcie, nie pisac, nie wysylaj, nie wysyłaj, nie wysylajcie, nie wysyłajcie,
        nie chce tych wiadomosci, nie chce wiadomosci, rezygnuje, przestancie, przestan,
        band karo, bandh karo, band kro, band kar do, band kar deo, bandh kari do, band kr do,
        bas karo, mat bhejo, mat karo, na bhejo, na moklo, nahi chahiye, nahin chahiye,
        બંધ કરો, બંધ કર, બંધ કરી દો, બંધ કરશો, ના મોકલો, ન મોકલો, નહીં મોકલો, મેસેજ ન કરો,
        ਬੰਦ ਕਰੋ, ਬੰਦ ਕਰ, ਬੰਦ ਕਰ ਦਿਓ, ਨਾ ਭੇਜੋ, ਨਾ ਭੇਜਿਓ, بند کرو, بند کریں, بند کر دیں, بند کر دو,
        نہ بھیجیں, نہ بھیجو, مت بھیجو, مت بھیجیں, बंद करो, बंद करें, बंद कीजिए, बंद कर दो, मत भेजो,
        मत भेजें, मत भेजिए, मत करो, বন্ধ করুন, বন্ধ করো, বন্ধ কর, পাঠাবেন না, পাঠিও না,
        bondho koro, bondho korun, stopiwch, stopia, peidiwch, dim mwy, dim mwy o negeseuon,
        tynnwch fi, dilewch fi, توقف عن, أوقف, ألغ الاشتراك
    """,
    Sign.BARE_STOP: """
        stop, stp, stpo, sotp, stoop, sstop, tsop, stopp, atop, stop please, stop now, stopall,
        stopio, стоп, स्टॉप, स्टाप, સ્ટોપ, ਸਟਾਪ, ਸਟੌਪ, سٹاپ, স্টপ
    """,
    Sign.LONE_STOP: """
        end, quit, end it, quit it, remove, halt, cease, cease and desist, enough, enough already,
        block, blocked, spam, unsub, arret, arretez, parar, alto, basta, koniec, dosc, dość, bas,
        रोको, રોકો, ਰੋਕੋ, روکو, বন্ধ, থামুন, થોભો, توقف, досить, зупинити, хватит
    """,
    Sign.START: """
        start, unstop, un stop, opt in, optin, opt me in, subscribe, resubscribe, restart,
        start again, start texts, start texting, start texting me, start texting me again,
        text me again, put me back on, put me back on the list, sign me back up
    """,
    Sign.HELP: """
        help, help me, info, information, menu, commands, pomoc, madad, મદદ, ਮਦਦ, مدد, cymorth
    """,
    Sign.ASK: """
        what time, wot time, wat time, what is, whats, wots, what do, what should, what does,
        what are, where is, wheres, where do, where abouts, whereabouts, where are, where will,
        where to, who is, whos, who are, who r, who will, how long, how many, how do, how much,
        how far, how will, which one, which shift, which stop, which bus, which day, do i,
        do you, do u, do we, did you, did i, can i, could i, may i, can you, can u, could you,
        could we, can we, can someone, could someone, is it, is there, is this, is anyone,
        are you, are u, are we, are there, am i, will there, will it, will i, will you,
        should i, shall i, does it, would i, would it, would you, have you, wondering if,
        wondering whether, need to know, let me know, tell me, please explain, more info,
        more information, more details, need details, call me, ring me, phone me,
        give me a call, give me a ring, help with what, what for, what with, who with, kto to,
        co to, o ktorej, gdzie, kya hai, kaun, kahan, kyare, kyan, ક્યારે, ક્યાં, કોણ, ਕਦੋਂ,
        ਕਿੱਥੇ, ਕੌਣ, کب, کہاں, کون, pwy, pryd, ble
    """,
    Sign.FIRST_ASK: """
        what, wot, wat, where, when, who, whose, how, why, which, is, are, does, did, should,
        has, wen, wher
    """,
    Sign.UNSURE: """
        not sure, unsure, im not sure, not certain, maybe, mayb, might, may be able, perhaps,
        possibly, possible, poss, probably, prob, probs, dont know, do not know, dunno, no idea,
        not a clue, no clue, depends, let you know, let u know, get back to you, get back to u,
        need to check, check, ill check, checking, ill try, will try, try to, try, trying to, if,
        unless, think so, i think, should be able, should be ok, should be, hopefully, hope to,
        provisional, provisionally, only if, can only, i can only,
        we can only, i could only, instead, but only, but not, cant promise, cant decide,
        ask my, ask the, wrong number, wrong person, nie wiem, moze, pata nahi,
        shayad, khabar nathi, efallai, ddim yn siwr,
        think about, will think, i will think, ill think, have a think, think it over, will see,
        i will see, well see, we will see, ill see, see what, see how, will let, i will let,
        ill let, get back to, will get back, i will get back, sleep on it, will look,
        i will look, will ask, i will ask, ill ask, need to ask
    """,
    Sign.THANKS: """
        thanks, thank you, thankyou, thank u, thx, thnx, tx, tks, ta, cheers, ty, tysm,
        many thanks,
        much appreciated, dziekuje, dzieki, shukriya, dhanyavaad, aabhar, diolch
    """,
    Sign.FILLER: """
        please, pls, plz, plse, pleas, pleaz, ple, plis, prosze, kindly, hi, hello, hey,
        hiya, morning,
        good morning, good afternoon, good evening, evening, afternoon, sir, madam,
        mate, love, dear,
        duck, me duck, all, everyone, x, xx, xxx, oh, ah, well, so, just, and, the, a,
        to, for, on,
        of, it, that, this, is fine, me, im, i, am, we, us, you, u, my, request, number, num, ref,
        ref no, code, job, reply, answer, then, now, today, tonight, tomorrow, great, lovely,
        perfect, brilliant, brill, cool, good, nice, super, wonderful, excellent, amazing, fab,
        sorry, soz, apologies, my apologies, regards, best wishes, kind regards, from, again,
        haha, lol, guys, folks, team, there, go, right, list, texts, text, message, messages, one
    """,
    Sign.IDIOM: """
        which bus stop, what bus stop, bus stop, tram stop, coach stop, the stop,
        a stop, my stop, your stop, next stop, first stop, last stop, what stop, pit stop,
        non stop, nonstop, one stop, full stop,
        stop by, stop off, stop at, stop over, stop in, stop here, stop there, stop for,
        stop until, stop till, stop thinking, stop on, stop and, stop to, stop raining,
        we are here, na miejscu,
        stop snowing, ill stop, can stop, to stop, cant stop, cannot stop, can not stop,
        wont stop, dont stop, do not stop, never stop, couldnt stop, did stop, didnt stop,
        never mind, no rush, no hurry, no need, no worries, no worry, no matter,
        no pressure, no more, no longer, oh no, no later, no lift needed, cant wait,
        can not wait, cannot wait, wont be long, wont be late, wont take long, dont worry,
        do not worry, dont forget, make sure, im sure, for sure, ha ha, ha ha ha, if you like,
        if you want, if you need, if you need me, if needed, if need be, if you still need,
        if you still need me, if you still need someone, if still needed, if required,
        if wanted, if thats ok, if that is ok, if thats alright, if its not too late,
        if it helps, if that helps, if you need anyone, if you are stuck, if youre stuck,
        if possible, not long, not far, mins away, min away, minutes away, miles away,
        mile away, right away, straight away, do away, told you, start at, can start, start time
    """,
    Sign.BUT: "but, though, however, although, because, cos, cause, coz, ale, lekin, pan",
}

# The whole text says that its sender has come, or has left (`rules.arriving`). None of these
# may be anything else in the table above: "made it" and "leaving now" say that one comes.
ARRIVALS = """
    here, hear now, heer, hre, hwre, jere, arrived, arived, arrivd, got here,
    checked in, check in, checking in, check me in, on site, onsite, present, am here,
    at the hall, at the library, at the food bank, at the foodbank, at the venue, at the site,
    at the centre, at the center, at the door, at the desk, at the community centre,
    at the church, at the depot, at the shop, outside, outside now, im hear, i am hear,
    jestem, jestem tu, jestem tutaj, jestem na miejscu, juz jestem, dotarlem, dotarlam,
    yma, dw i yma, dwi yma, rydw i yma, rwyf yma, wedi cyrraedd,
    aa gaya, aa gayi, aa gya, aa gyi, a gaya, pahunch gaya, pahunch gayi, main aa gaya,
    main aa gayi, mai aa gaya, mai aa gayi, aavi gayo, aavi gai, aavi gaya, hu aavi gayo,
    hu aavi gai, pahochi gayo, pahochi gai, main pahunch gaya, main pahunch gayi,
    આવી ગયો, આવી ગઈ, આવી ગયા, હું આવી ગયો, હું આવી ગઈ, પહોંચી ગયો, પહોંચી ગઈ, ਆ ਗਿਆ, ਆ ਗਈ,
    ਮੈਂ ਆ ਗਿਆ, ਮੈਂ ਆ ਗਈ, ਪਹੁੰਚ ਗਿਆ, ਪਹੁੰਚ ਗਈ, आ गया, आ गई, मैं आ गया, मैं आ गई, पहुंच गया,
    पहुंच गई, آ گیا, آ گئی, میں آ گیا, میں آ گئی, پہنچ گیا, پہنچ گئی, এসেছি, আমি এসেছি,
    وصلت, прийшла, прийшов, я тут, вже тут
"""
DEPARTURES = """
    left, leaving, have left, gone, gone home, going home, home time, off home, heading home,
    finished, done, all done, finished here, done here, finished my shift, left the hall,
    left the building, checked out, check out, checking out, check me out, signing out,
    sign out, clocking off, clocked off, knocking off, off now, im off, i am off, off,
    wychodze, wyszedlem, wyszlam, skonczylem, skonczylam, wedi gadael, wedi gorffen
"""
# What may stand before and after it and changes nothing.
AROUND_AN_ARRIVAL = """
    now, thanks, thank you, thankyou, thx, ta, cheers, x, xx, xxx, already, please, pls, plz,
    at last, everyone, all, mate, love, duck, me duck, boss, safe, safely, safe and sound,
    and ready, ready, to help, for my shift, for the shift, for shift, for duty, on time, early,
    a bit early, sorry, ok, okay, today, bye, bye bye, for today, for the day, for now
"""
BEFORE_AN_ARRIVAL = """
    hi, hello, hey, hiya, morning, good morning, afternoon, good afternoon, evening,
    good evening, ok, okay, right, well, so, sorry, hi all, i, im, am, iam, we, are, were, weve,
    ive, have, has, just, finally, now, its, it is, me, yay, hurray, oh, ah
"""

THUMBS_UP = frozenset("👍👌✅✔☑🆗🙋💯🤝🙆💪🫡")
STOP_SIGNS = frozenset("🛑")
THUMBS_DOWN = frozenset("👎❌✖🚫🙅❎⛔")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BESIDE_A_LONE_STOP = _words(
    "please pls plz plse now just it this that these all texts text messages mate x sorry no hi"
)
# A stop that speaks of these is read by a person: whose number is it now?
OF_SOMEBODY_ELSE = _words(
    """died dead death deceased passed funeral mum mom mother dad father husband wife son daughter
    nan gran grandad brother sister him her wrong"""
)

# A number after one of these, or before one of the others, counts something else.
NOT_A_REQUEST_AFTER = _words(
    """at by until till til untill after before from around about approx approximately roughly since
    between past im am aged age only in within with plus least most under over half quarter
    bring bringing got have has need seat seats bus route room flat house unit road
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sept sep oct nov dec mon tue wed thu fri sat sun"""
)
NOT_A_REQUEST_BEFORE = _words(
    """am pm a p h hr hrs hour hours m min mins minute minutes minuets sec secs ish oclock clock
    people ppl person persons peeps of us others other more kids children adults friends
    helpers volunteers drivers pairs bags boxes parcels seats spaces places miles mile km metres
    st nd rd th days day weeks week months month years year yrs yr old times pounds quid pence
    percent onwards until till to past bus january february march april may june july august
    september october november december jan feb mar apr jun jul aug sept sep oct nov dec"""
)
NAMES_A_REQUEST = _words("no num number nr request ref job code shift")
