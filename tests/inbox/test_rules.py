"""What volunteers text, as they text it, and what it is taken to mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inbox.rules import Meaning, choose_request, understand

# One text per line; a number that the text names stands after a bar.
YES = """
yes
Yes
YES
yes.
Yes!
YES!!!
yes please
Yes pls
yes plz
yess
yesss
yeeees
YESSSSS
yse
tes
ues
yed
y
Y
yep
Yep!
yup
yh
yeah
yeah sure
Yeah go on then
ye
yea ok
aye
Aye duck
sure
Sure thing
Sure, no problem
ok
OK
Ok.
okay
kk
ok will do
Ok I'll come
ok yes
fine
Fine by me
that's fine
That’s fine
sounds good
works for me
of course
absolutely
definitely
defo
will do
Can do
can do it
can do tonight
I can
I can do it
I can help
I can come
yes I can
Yes i can help tonight
I'll do it
I’ll do it
ill do it
I'll be there
I’ll be there!
ill b there
be there at 6
will be there
I'll come
I will come
I'm free
im free tonight
I am available
available
Yes available
yes avail
I'm in
I’m in!
count me in
yep count me in
Put me down
put my name down please
sign me up
on my way
On my way!
omw
yes on my way
Leaving now
see you there
See you at 6
happy to help
Happy to
I'd love to
would love to help
glad to help
No problem
no problem, I'll be there
No problem I’ll be there
No probs
np
not a problem
no bother
no trouble
no worries, I'll be there
Yes no worries
yes no problem
yes, not a problem
Why not?
why not
Go on then
I don't mind
I don’t mind doing it
Wouldn't miss it
can't say no
Can't wait! Yes
I can't stop thinking about it yes
yes can do 6pm
yes 2 of us
I'll be there by 18:30
yes at 7
Yes there are 2 of us
Yes, me and 2 others
yes but 20 mins late
Yes but I will be a bit late
Yes if you still need someone
yes if needed
Yes if you like
don't worry I'll be there
Yes x
Yes xx
Hi, yes
Hello yes please thank you
Yes thanks
Yes 😊
Yes 👍
yes ❤️
👍
👍👍👍
👍🏽
👍🏿
👌
✅
✔️
🙋‍♀️
💯
great 👍
😊👍
Good to go
I accept
Yes sir
yes, I'll stop by at 6
I'll help with the driving, yes
yes. Sue
YES - Dave
Yes\\n\\nSent from my phone
ok no problem
yes not busy tonight
I won't be long, on my way
tak
Tak!
TAK
tak, oczywiście
mogę przyjść
Będę
jasne
nie ma problemu
હા
હા જી
હું આવીશ
haa
Haa ji
haan
હાં, હા
ਹਾਂ
ਹਾਂ ਜੀ
ਹਾਂਜੀ
ہاں
جی ہاں
ٹھیک ہے
हाँ
हां
हाँ जी, हाँ
bilkul
theek hai
হ্যাঁ
так
ie
Gallaf
Byddaf
Iawn
wrth gwrs
27 YES | 27
27yes | 27
27 yes please | 27
yes27 | 27
YES 27 pls | 27
Yes to #27 | 27
Yes to 27 | 27
no. 27 yes | 27
No. 27: yes | 27
yes (27) | 27
Yes, 27 | 27
27, yes | 27
27. Yes | 27
27-yes | 27
27:yes | 27
#27 yes | 27
# 27 Yes | 27
yes number 27 | 27
request 27 yes | 27
Yes for request 27 | 27
Yes for 27 | 27
Yes 27 thanks | 27
Hi 27 yes | 27
27 y | 27
27y | 27
Y 27 | 27
y27 | 27
27 ok | 27
ok 27 | 27
27 👍 | 27
👍 27 | 27
27 ✅ | 27
I can do 27 | 27
I can do 27 tonight | 27
I'll take 27 please | 27
27 I can do that | 27
27 I'll be there | 27
yes 9999 | 9999
1 yes | 1
YES 1 | 1
27 yes at 7 | 27
27 yes 2 of us | 27
27 yes, there by 18:30 | 27
Yes 27, my number is 07700 900123 | 27
27 YES, 2 people | 27
yes 27 27 | 27
27 haa | 27
27 TAK | 27
હા ૨૭ | 27
27 હા | 27
27 ہاں | 27
ＹＥＳ　２７ | 27
27 yes LE11 5XX | 27
I'm 63 but yes
yes 63 years old
yes 07700 900123
07700900123 yes
yes +447700900123
Yes, tel 07700-900-123
yes 12345
yes 0
yes 6.30
Yes 6-8
yes 6 to 8
yes from 6
yes between 6 and 8
yes at 6 or 7
yes after 5
Yes until 9
yes in 20 mins
yes, 10 mins away
yes, with 3 kids
yes £5
yes on 5 May
yes, 3rd
yes LE11
yes I have 2 seats
Yes about 6ish
"""

NO = """
no
No
NO
no.
No!
nooo
NOOOOO
noo
n
N
nope
Nope sorry
nah
nah mate
no thanks
No thank you
no ta
no sorry
Sorry no
sorry, no.
no can do
No not tonight
not tonight
Not tonight sorry
not today
not this time
Not this time, thanks
not for me thanks
can't
cant
Can’t
can't tonight sorry
Can’t tonight, sorry
cant tonight
cant do it
can't do tonight
I can't make it
cant make it sorry
I can't make it any more
can't come
cannot come
can not come
I can't be there
I won't be there
wont be able to
won’t make it
I will not be there
he will not come
I'm not available
I am not available tonight
not available
not free
Not free tonight
I'm not free
not able to
I'm unable to help
unable to make it
couldn't make it
I don't think so
don't think I can
I'm not coming
not coming
not going to make it
have to drop out
I have to drop out
dropping out sorry
I need to pull out
withdraw
Sorry to let you down
CANCEL
cancel
Cancel please
please cancel
Need to cancel tonight
cancel 27 | 27
27 cancel | 27
Please take me off the rota
remove me from the shift
please remove me from tonight's rota
Take me off Saturday please
Take me off tonight please
busy
Busy tonight
sorry busy
I'm working
working tonight
at work
I'm away
away this week
on holiday
I'm ill
not well
Poorly sorry
got covid
Unfortunately not
unfortunately I'm working
Sadly not
Afraid not
I'm afraid not
another time
Maybe next time
next time
pass
I'll pass
count me out
rather not
I'd rather not
I'd love to but I can't
Would love to but working
I would but I'm away
too far for me
double booked
not interested
ok no
never
nobody free here
👎
👎🏽
👎👎
❌
🙅‍♀️
Sorry 👎
nie
Nie
NIE
nie mogę
nie, dziękuję
niestety nie
nie dam rady
ના
ના જી
naa
Naa ji
nahi
નહીં
ਨਹੀਂ
ਨਹੀਂ ਜੀ
نہیں
جی نہیں
नहीं
na
nage
Dim diolch
na allaf
27 NO | 27
27no | 27
no 27 | 27
no27 | 27
NO 27 sorry | 27
No to 27 | 27
27 n | 27
27 can't sorry | 27
can't do 27 | 27
27 nie | 27
27 👎 | 27
#27 no | 27
can't do 6pm
not before 7, sorry no
no, 2 of us are ill
"""

STOP = """
STOP
stop
Stop.
Stop!
STOP!!!
stop please
please stop
Please stop now
just stop
stop it
stop now
STOPALL
stop all
STOP ALL
stoppp
stopp
stpo
sotp
S.T.O.P
st0p
stop texting me
Stop texting me please
please stop texting
can you stop texting me?
You can stop texting me now
stop messaging me
stop sending these
Stop sending me messages
stop contacting me
yes stop asking
YES STOP
yes. stop.
No. Stop.
no stop
27 STOP | 27
STOP 27 | 27
stop27 | 27
Stop, I don't want these any more
Stop for now please
stop?
Not for me. Please stop.
unsubscribe
Unsubscribe me
UNSUBSCRIBE please
unsubcribe
un-subscribe
opt out
Opt-out
optout
opt me out
I want to opt out please
please remove me from your list
remove me
Remove my number
take me off this list
Take me off your list please
take me off
delete my number
Delete my details
Please delete me from your database
no more texts
No more texts please
no more messages
don't text me
Don’t text me again
do not text me
dont message me
Do not contact me
don't contact me again
I don't want these texts
I do not want to receive these
leave me alone
go away
END
end
End.
QUIT
quit
quit please
cancel my subscription
cancel all texts
revoke
wypisz mnie
band karo
બંધ કરો
ਬੰਦ ਕਰੋ
بند کرو
"""

START = """
START
start
Start.
start please
START AGAIN
start texting me again
UNSTOP
unstop
opt in
opt-in
subscribe
resubscribe
text me again please
"""

HELP = """
HELP
help
Help!
help me
help please
INFO
info
information
menu
pomoc
"""

QUESTION = """
what time?
What time
what time is it
where?
Where is it?
where is it
where do I go
Where do I park
when?
who is this
Who is this?
whos this
who are you
How long for?
how long will it take
how many people
which one?
Why?
why me
what do I need to bring
Is there parking?
is it tonight
Do I need a car
do i need to bring anything
can I bring my son?
Can I bring a friend
can you pick me up
Could I come later?
yes but I'll be 20 minutes late?
yes what time
Yes, what time?
27 yes what time? | 27
Yes but where is it
No problem, what time?
can't tonight, can I do tomorrow?
not sure, what time?
bus stop?
shall I come early
next stop?
need to know the time
Where is the bus stop?
Is there a bus stop
which stop?
when does it start
what time do we start?
yes?
27? | 27
?
???
❓
more info please
Please call me
can someone ring me
let me know what time
is it still on
kya hai
gdzie?
کب؟
"""

UNCLEAR = """

.
!!!
not sure
Not sure yet
I'm not sure
im not sure i can
maybe
Maybe yes
might be able to
possibly
perhaps
depends
don't know
dunno
I'll let you know
let you know later
get back to you
need to check
I'll try
will try to be there
yes if I can get a lift
if I can
unless it rains yes
I think so
should be ok
I can only do 7 to 8
My son can come instead
yes but only until 8
hopefully yes
no idea
yes or no?
yes or no
yes no yes
yes no
no yes
Yeah no
yes I can't
No, I can do it
👍👎
yes 👎
no 👍
✅❌
thanks
Thank you
ok thanks
Ok, thank you
👍 thanks
Thanks 👍
Great
lovely
sorry
hi
Hello
27 | 27
#27 | 27
Happy birthday mum
hope all ok with you
non-stop
bus stop
The wheels fell off
wrong number
lol
😀
🎉🚗🎂
😀👍🎉🚗
tak nie
હા ના
haa naa
nie wiem
07700 900123
18:30
LE11 5XX
http://example.org/27
I read the whole of the notice in the library about the start
the weekend
yes 27 no 28
"""


def rows(table: str, meaning: Meaning) -> list[object]:
    """Each line of a table as (text, meaning, number)."""
    found = []
    for line in table.split("\n")[1:-1]:
        text, _, number = line.partition(" | ")
        text = text.replace("\\n", "\n")
        if number == "-":
            continue
        found.append(pytest.param(text, meaning, int(number) if number else None, id=line or "-"))
    return found


TABLE = [
    *rows(YES, Meaning.yes),
    *rows(NO, Meaning.no),
    *rows(STOP, Meaning.stop),
    *rows(START, Meaning.start),
    *rows(HELP, Meaning.help),
    *rows(QUESTION, Meaning.question),
    *rows(UNCLEAR, Meaning.unclear),
]


@pytest.mark.parametrize(("text", "meaning", "number"), TABLE)
def test_a_text_is_understood(text, meaning, number):
    found = understand(text)
    assert (found.meaning, found.number) == (meaning, number)


def test_the_table_is_large():
    assert len(TABLE) >= 250


@pytest.mark.parametrize("decorate", [str.upper, str.title, "  {}  ".format, "{}\r\n".format])
@pytest.mark.parametrize("text", ["yes please", "27 no", "stop texting me", "what time", "help"])
def test_case_and_space_do_not_matter(text, decorate):
    assert understand(decorate(text)) == understand(text)


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "`", "´", "ʼ", ""])
def test_every_apostrophe_is_read_alike(apostrophe):
    assert understand(f"I can{apostrophe}t come").meaning is Meaning.no


@pytest.mark.parametrize(
    "word", ["STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "OPTOUT", "REVOKE"]
)
def test_each_stop_word_of_the_carrier_is_a_stop(word):
    assert understand(word).meaning is Meaning.stop


def test_cancel_alone_gives_up_a_place_and_is_no_opt_out():
    assert understand("CANCEL").meaning is Meaning.no


def test_sixteen_hundred_thumbs_are_a_yes():
    assert understand("👍" * 1600).meaning is Meaning.yes


def test_sixteen_hundred_mixed_emoji_are_unclear():
    assert understand("😀👍👎🎉" * 400).meaning is Meaning.unclear


def test_two_numbers_beside_a_yes_name_none():
    assert understand("yes 27 and 28").number is None


@pytest.mark.parametrize(
    "piece",
    ["a", "yes ", "no. 27 ", "can't ", "1", "1 ", "1:", "-", "👍", "?", "stop ", "ha ", "a."],
)
def test_a_text_of_any_length_has_an_answer(piece):
    assert understand(piece * (100_000 // len(piece))).meaning in Meaning


@given(st.text(max_size=200))
def test_any_text_has_a_meaning_and_a_number_in_range(text):
    found = understand(text)
    assert found.meaning in Meaning
    assert found.number is None or 1 <= found.number <= 9999


@given(st.text(alphabet="abc xyz .,!?👍27", max_size=60))
def test_a_clear_stop_wins_whatever_follows(text):
    assert understand(f"Stop texting me. {text}").meaning is Meaning.stop


@pytest.mark.parametrize(
    ("open_numbers", "named", "chosen"),
    [
        ([27], 27, 27),
        ([27, 28], 28, 28),
        ([27], None, 27),
        ([27, 28], None, None),
        ([], None, None),
        ([], 27, None),
        ([27], 28, None),
        ([27, 28], 29, None),
    ],
)
def test_a_reply_answers_the_request_it_names_or_the_only_open_one(open_numbers, named, chosen):
    assert choose_request(open_numbers, named) == chosen
