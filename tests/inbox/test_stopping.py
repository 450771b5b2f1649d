"""Every way in which people ask us to stop, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inbox.rules import Meaning, understand

# One text a line; \n, \t and \u200b stand for the characters.
STOP = r"""
STOP
stop
STOP.
Stop texting me
please stop
s t o p
S T O P
s.t.o.p.
s-t-o-p
STOPP
stoppp!!!
sttop
unsubscribe me
Unsubscribe me please
opt out
opt-out pls
i want to opt out
remove me from your list
Remove me from this list
no more texts
no more texts thanks
No more messages, thank you
take me off
take me off your list
take me off the list please
Please take me off this
sotp
stpo
tsop
stiop
sstop
dtop
atop
s top
st op
sto p
STOP 😊
😡 STOP
🛑
🛑🛑
STOP🛑
🛑 stop
👎 stop
"STOP"
'stop'
“STOP”
(STOP)
*STOP*
<STOP>
STOP STOP STOP
stop stop
STOP!STOP!
STOP-
Stop it please
Stop it
stop this
stop this please
Stop that
Stop them
stop these
Stop these please
please stop it
Can you stop please
can you stop
could you please stop
can u stop pls
will you stop
will you please stop this
Please can you stop
pls stop txting me
stop txt
stop text
stop sms
stop texts
STOP TEXTS PLEASE
stop messaging
Stop all
stop all texts
STOP 27
27 STOP
stop27
STOP #27
stop request 27
Stop. 27
> Reply STOP to opt out\nSTOP
STOP\n\nSent from my iPhone
STOP\nOn Tue, Many Hands wrote:\n> Can you help? Reply 27 YES or 27 NO. STOP to opt out.
Stop\n-----Original message-----\nCan you help tonight? Reply 27 YES
Re: STOP
Fwd: stop
subject: stop
please stop contacting me
i said stop
I said STOP!!
I already said stop
I told you to stop
i have told you to stop texting
Asked you to stop
ive asked you to stop
I want to stop
I want to stop getting these
i want you to stop
I want it to stop
I want these to stop
I would like to stop
i'd like to stop please
I wish to stop
I need this to stop
make it stop
how do i stop these
How do I stop this?
how do i stop getting these texts?
how do I unsubscribe
How to unsubscribe?
how can I opt out
how do i get off this list
how do I get these to stop
Who is this? Stop texting me
who is this stop
wrong number stop
Wrong number, please stop
wrong number stop texting
Wrong number. Remove me
no. stop
No stop
No thanks, stop
no thank you please stop
Stop thanks
stop ta
Stop, thank you
stop cheers
stop mate
Stop now
stop now please
just stop
Just stop it
for gods sake stop
oh stop
Stop!!! Leave me alone
ffs stop
stop ffs
STOP you idiots
stop spamming
stop bugging me
stop annoying me
stop hassling me
stop pestering me
Stop notifications
stop alerts
stop asking me
stop requests
stop subscription
Cancel my subscription
cancel texts
stop service
End
END TEXTS
QUIT
quit texting
I quit
halt
cease
cease and desist
Enough
enough!
unsubscribed
unsubscibe
unsubsribe
unsubscrbe
unsub
UNSUB
unsubscribe all
unsubscribe from this
Please unsubscribe
un subscribe me
unsubcribe me
unsubscribe 27
opt me out
optout
opting out
opt out 27
Opt out of texts
I'd like to opt out
opted out
i opt out
delete me
delete my number
delete my number please
please delete my details
delete my data
erase me
forget me
remove
REMOVE
remove please
please remove
remove me
remove me please
Remove my number
remove my no
remove number
remove my name
remove from list
remove this number
Please remove this number from your list
take my number off
take this number off your list
take me off please
get me off this list
get me off your list
take us off
remove us from your list
no more
no more please
No more!
no more of these
no more of these texts
no more txts
No more requests
no more asks
no texts
no texts please
No texts thank you
no messages please
no sms
don't text
dont text me
Don't text me anymore
do not text this number
dont text this number again
don't msg me
dont message me again
do not contact
don't contact me
do not disturb
never text me again
Don't ask me again
dont send me these
don't send any more
dont send me any more texts
Please don't send any more
do not send any more texts
i dont want these
I don't want these texts
I don't want any more texts
I don't want to get these anymore
i dont want to be on this list
I no longer want to receive these
I no longer wish to receive texts
no longer want these texts
no longer wish to be contacted
I do not wish to receive these
I do not consent
i withdraw my consent
withdraw consent
revoke
revoke consent
I don't want to volunteer any more
i no longer volunteer
I don't volunteer any more
I've stopped volunteering
no longer volunteering, please stop
Leave me alone
go away
piss off
fuck off
F*** off
f off
bugger off
get lost
sod off
block
blocked
blocking this number
spam
this is spam
SPAM
stop spam
arret
arrêt
arrêtez
stopp bitte
parar
alto
basta
wypisz
wypisz mnie
wypisz mnie z listy
nie piszcie
nie pisz do mnie
nie pisz
prosze nie pisac
proszę nie pisać
przestań
przestancie
przestańcie pisać
koniec
rezygnuję
rezygnuje
usuń mnie
usun mnie
usun moj numer
usuń mój numer
stop prosze
nie wysyłajcie
nie wysylaj
dość
band karo
bandh karo
band kar do
band kro
message band karo
bas karo
bas
mat bhejo
message mat bhejo
message mat karo
nahi chahiye
mujhe message mat karo
message na bhejo
बंद करो
बंद करें
बंद कीजिए
संदेश मत भेजो
मैसेज बंद करो
मत भेजो
रोको
બંધ કરો
બંધ કર
મેસેજ બંધ કરો
મેસેજ ના મોકલો
રોકો
bandh kari do
message na moklo
મને મેસેજ ન કરો
ਬੰਦ ਕਰੋ
ਬੰਦ ਕਰ ਦਿਓ
ਸੁਨੇਹੇ ਨਾ ਭੇਜੋ
ਮੈਸੇਜ ਬੰਦ ਕਰੋ
ਰੋਕੋ
band kar deo
بند کرو
بند کریں
بند کر دیں
میسج بند کرو
پیغام نہ بھیجیں
مت بھیجو
روکو
বন্ধ করুন
বন্ধ করো
বন্ধ
মেসেজ বন্ধ করুন
থামুন
আর পাঠাবেন না
bondho koro
bondho korun
stopiwch
stopio
stopiwch os gwelwch yn dda
stopia
peidiwch
peidiwch â thecstio
peidiwch a fy nhecstio
dim mwy
dim mwy o negeseuon
dad-danysgrifio
dad danysgrifio
tynnwch fi oddi ar y rhestr
স্টপ
સ્ટોપ
ਸਟਾਪ
स्टॉप
سٹاپ
стоп
توقف
ＳＴＯＰ
5top
st0p
STOP!!!!!!!!!
..stop
. stop
stop .
\tSTOP\t
stop\n
\nstop
STOP\u200b
no i cant, stop asking
Yes stop
STOP YES
27 NO STOP
27 no. stop texting
Stop texting my mum she died
My husband passed away please remove him
please remove her from your list
take him off your list
Please remove my mum
I've moved away, take me off
I moved please remove me
im too ill now take me off your list
not interested stop
Not interested please remove me
stop I'm not interested
STOP i am busy
STOP this is not my number
stop you have the wrong person
Stop sending these at night
stop texting at this hour
please stop texting after 9
don't text, ring me
please ring don't text
Don't text me, call me
STOP to opt out
halt
John Stop
dont want your texts ta
pls dont text me
no longer want texts
"""

# What is no stop, and what it is instead; a number that it names stands behind.
NO_STOP = r"""
I can stop by at 6 = yes
i'll stop by = unclear
Can stop by at 7 = unclear
bus stop = unclear
At the bus stop = unclear
which bus stop = unclear
when does it stop = question
When does it stop? = question
where does it stop = question
can't stop long, yes = yes
Can't stop for long but yes = yes
don't stop = unclear
Dont stop now = unclear
dont stop! = unclear
Never stop = unclear
I can't stop thinking about it = unclear
non stop = unclear
nonstop rain here = unclear
one stop shop = unclear
full stop = unclear
tram stop outside = unclear
the bus stops outside = unclear
Does the bus stop there? = question
does the 126 stop near there = question 126
is there a bus stop nearby = question
I'll stop at the shop first = unclear
stop at the shop first then come yes = yes
I'll stop off for petrol, on my way = yes
yes will stop for fuel = yes
yes until I have to stop at 8 = yes
I have to stop at 8 = unclear
Need to stop at 9 = unclear
what time do we stop = question
What time does it stop = question
Can we stop at 8? = question
can i stop early = question
Can I stop at half past? = question
rain won't stop = unclear
it won't stop raining = unclear
Has it stopped raining = question
stopped raining so yes = yes
The car stopped = unclear
my car has stopped working = unclear
stopping at mums tonight = unclear
I'm stopping at home tonight = unclear
Stopping in tonight sorry = unclear
Yes but non-stop meetings till 6 = yes
the end of the road = unclear
at the end = unclear
weekend = unclear
what time does it end = question
When does it end? = question
Ends at what time = question
no end in sight = no
until the end = unclear
to the end = unclear
yes to the end = yes
I can stay till the end = yes
How will it end = question
can you remove boxes too? = question
do you need me to remove my car = question
is it ok to cancel later = question
cancel = no
Cancel my place = no
cancel my shift = no
Cancel tonight = no
cancel my sign up = no
take me off tonight = no
Take me off Saturday = no
take me off the rota = no
Remove me from the shift = no
remove me from the rota for friday = no
take me off this one = no
take me off the waiting list = no
take me off 27 = no 27
remove me from 27 = no
take my name off tonight = no
take my name off the rota please = no
Take me off this shift = no
delete my shift = unclear
withdraw = no
no more space in my car = unclear
no more than 2 = unclear 2
No more than two hours = unclear
yes no more than 2 bags = yes
no more news? = question
are there no more shifts? = question
Any more texts needed? = question
I'll block out the time = unclear
road is blocked = unclear
road blocked, late = unclear
the A6 is blocked = question
yes quit smoking lol = yes
dont text and drive haha yes = yes
Text me the address = unclear
opt for the van = unclear
I could opt for saturday = yes
have you enough people = question
is that enough people = question
got enough people? = question
yes if you don't have enough = unclear
spam fritters yes = yes
bas, 5 mins = unclear
Stop worrying, I'll be there = yes
stop worrying yes I'll come = yes
which stop = question
next stop please = unclear
last stop on the 127 = unclear 127
the stop by Tesco = unclear
my stop is Tesco = unclear
get off at which stop = question
what stop do I get off at = question
nobody stop me yes = yes
You can't stop me! = unclear
try and stop me! = unclear
Try to stop me = unclear
cant stop me yes = yes
Wouldn't stop for the world, yes = yes
how do i stop at the site = question
how do I stop the van rolling = question
STOPFORD ROAD? = question
Yes stopping at 8 = yes
unstop = start
start = start
opt in = start
હવે નહીં = no
Not interested anymore = no
I don't text much but yes = yes
I dont want to let you down = no
don't ask me how but yes = yes
yes stopping by at 6 = yes
remove me from saturday's shift = no
take me off 27 please = no 27
Liked “Food bank: can you help? Reply 27 YES or 27 NO. STOP to opt out.” = unclear
Yes\n> Can you help? Reply 27 YES or 27 NO. STOP to opt out. = yes
27 YES\n\nOn Tue 5 May Many Hands wrote:\nCan you help? STOP to opt out. = yes 27
No\n-----Original Message-----\nFrom: Many Hands\nSTOP to opt out. = no
Food bank: can you help? Reply 27 YES or 27 NO. STOP to opt out. = question
Reply 27 YES or 27 NO. STOP to opt out. = unclear
don't want to miss it, yes = yes
I don't need a lift thanks, yes = yes
enough for me = unclear
"""


def lines(table: str) -> list[str]:
    return [
        line.replace("\\n", "\n").replace("\\t", "\t").replace("\\u200b", "\u200b")
        for line in table.strip("\n").split("\n")
    ]


@pytest.mark.parametrize("text", lines(STOP))
def test_a_wish_to_stop_is_a_stop(text):
    assert understand(text).meaning is Meaning.stop


@pytest.mark.parametrize("line", lines(NO_STOP))
def test_what_only_looks_like_it_is_none(line):
    text, _, meant = line.rpartition(" = ")
    meaning, _, number = meant.partition(" ")
    found = understand(text)
    assert (found.meaning.value, found.number) == (meaning, int(number) if number else None)


def test_the_tables_are_large():
    assert len(lines(STOP)) >= 400
    assert len(lines(NO_STOP)) >= 120


@pytest.mark.parametrize("decorate", [str.upper, str.title, " {} ".format, "{} 😡".format])
@pytest.mark.parametrize("text", ["stop", "no more texts", "take me off your list", "dont text me"])
def test_neither_case_nor_smileys_make_a_stop_less(text, decorate):
    assert understand(decorate(text)).meaning is Meaning.stop


@pytest.mark.parametrize(
    "text",
    [
        "Yes stop",
        "STOP YES",
        "who is this? stop texting me",
        "stop?",
        "don't text, ring me",
        "Stop texting my mum she died",
        "My husband passed away please remove him",
        "Wrong number, please stop",
        "Stop. The hall door sticks badly and nobody mended it",
    ],
)
def test_a_person_reads_a_stop_that_says_more(text):
    found = understand(text)
    assert (found.meaning, found.says_more) == (Meaning.stop, True)


@pytest.mark.parametrize(
    "text", ["STOP", "stop please", "27 STOP", "27 no. stop", "unsubscribe me", "no more texts ta"]
)
def test_nobody_need_read_a_plain_stop(text):
    assert not understand(text).says_more


@pytest.mark.parametrize(
    "piece", ["stop ", "stop the ", "dont want to ", "how do i ", "remove my "]
)
def test_a_long_text_is_read_in_time_in_proportion(piece):
    assert understand(piece * (60_000 // len(piece))).meaning in Meaning


@given(st.text(max_size=200))
def test_quoting_us_never_stops_anybody(words):
    quoted = "".join(f"\n> {line}" for line in words.splitlines())
    assert understand(f"Yes{quoted}\n> STOP to opt out.").meaning is Meaning.yes
