"""Names as they mix in the county. First name and surname are drawn apart: nobody is meant."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Final

from app.volunteers.vocabulary import Language


@dataclass(frozen=True)
class Origin:
    """Names that go together, how common they are, and a language often spoken with them."""

    weight: int
    first: tuple[str, ...]
    last: tuple[str, ...]
    language: Language = Language(0)


def _origin(weight: int, first: str, last: str, language: Language = Language(0)) -> Origin:
    return Origin(weight, tuple(first.split()), tuple(last.split()), language)


ORIGINS: Final = (
    _origin(
        58,
        "Alan Alice Amy Andrew Angela Anthony Barbara Beth Brian Carol Catherine Charlotte "
        "Christine Claire Colin Daniel David Dawn Deborah Derek Diane Donna Dorothy Edward "
        "Eleanor Emily Emma Frances Gary George Georgia Gillian Graham Grace Hannah Harriet "
        "Heather Helen Ian Jack Jacob James Jane Janet Jean Jennifer Joan Joanne John Joyce "
        "Judith Julie Karen Keith Kevin Laura Lesley Linda Liam Lucy Margaret Mark Martin Mary "
        "Matthew Maureen Megan Michael Molly Nicola Nigel Oliver Olivia Pamela Patricia Paul "
        "Peter Philip Rachel Rebecca Richard Robert Roger Rosemary Ruth Sally Samuel Sandra "
        "Sarah Sheila Simon Sophie Stephen Susan Teresa Thomas Tracey Valerie Wendy William",
        "Abbott Allsop Ashby Atkins Bagley Bailey Barnett Baxter Beasley Beeby Bennett Birch "
        "Blakemore Bloor Bonser Botham Bowley Brewin Broughton Burdett Butcher Cartwright "
        "Chamberlain Clarke Cobley Copson Cramp Dakin Darby Dexter Draper Eames Elliott Faulks "
        "Fletcher Freer Garner Geary Gilbert Goddard Granger Grimley Hallam Harding Hickling "
        "Hobson Holyoak Hubbard Illsley Jarvis Jelley Kendall Kirk Lakin Lester Lockwood Measures "
        "Merriman Mould Musson Neale Newbold Noon Orton Oswin Palfreyman Pegg Pickering Preston "
        "Quincey Raynor Redfern Rudkin Sharpe Sheffield Shipley Spence Squires Sturgess Swann "
        "Tansley Thornton Tilley Toone Underwood Varnam Wainwright Wardle Wheatley Whittle Wilcox "
        "Woolley Wormleighton Yeomans",
    ),
    _origin(
        13,
        "Aarti Alpesh Amit Anjali Ashok Bhavna Bharat Chetan Daksha Deepak Dipti Falguni Gita "
        "Harsha Hemant Hina Jaya Jayesh Jignesh Kalpana Kamlesh Ketan Kirit Komal Lata Mahesh "
        "Manisha Mina Mukesh Nayna Nilesh Nita Pankaj Priti Rajesh Ramesh Rekha Ritesh Sangita "
        "Shilpa Smita Sunil Tejal Urmila Varsha Vijay Yogesh",
        "Bhatt Chauhan Dave Desai Gandhi Gohil Joshi Kotecha Lad Lakhani Makwana Mehta Mistry "
        "Modi Naik Pandya Parekh Parmar Patel Pujara Rathod Shah Solanki Soni Tailor Thakkar "
        "Trivedi Vaghela Vyas",
        Language.GUJARATI,
    ),
    _origin(
        7,
        "Amardeep Amrit Avtar Balbir Baljit Charanjit Davinder Gurdeep Gurpreet Harbhajan "
        "Harjit Harleen Inderjit Jasbir Jaswinder Kiran Kuldip Manpreet Mohinder Narinder "
        "Navdeep Paramjit Rajinder Ranjit Ravinder Sarabjit Satnam Simran Sukhdev Surinder",
        "Atwal Bains Bhogal Dhaliwal Dhillon Gill Grewal Johal Kalsi Mann Matharu Nagra Panesar "
        "Purewal Rai Sahota Sandhu Sangha Sidhu Sohal Uppal Virdee",
        Language.PUNJABI,
    ),
    _origin(
        6,
        "Agnieszka Aleksandra Andrzej Anna Beata Dariusz Dorota Ewa Grzegorz Halina Iwona Jacek "
        "Jakub Joanna Justyna Karolina Katarzyna Krzysztof Magdalena Małgorzata Marcin Marta "
        "Michał Monika Paweł Piotr Renata Tomasz Wojciech Zofia",
        "Adamczyk Baran Czarnecka Duda Gajda Górka Jabłońska Kaczmarek Kozak Kubiak Lis Madej "
        "Mazur Nowicka Olszak Pawlik Piątek Rogala Sikora Sobczak Stachura Szulc Walczak Wilk "
        "Wróbel Zając",
        Language.POLISH,
    ),
    _origin(
        6,
        "Adeel Aisha Amina Asif Bilal Bushra Faisal Farah Fatima Hamza Hina Imran Iqra Javed "
        "Khalid Mariam Nadeem Nasreen Omar Rashid Rubina Saima Sajid Samina Shabana Tariq Usman "
        "Yasmin Zahid Zainab",
        "Akhtar Anwar Aslam Bhatti Butt Chaudhry Dar Farooq Hussain Iqbal Javaid Khan Mahmood "
        "Malik Mirza Mughal Qureshi Rafiq Raja Rashid Sheikh Siddiqui Yousaf",
        Language.URDU,
    ),
    _origin(
        3,
        "Abdul Ayesha Farida Habib Jahanara Kamal Laila Mizan Nazma Rahima Rokeya Salma Shafiq",
        "Ahmed Alam Begum Chowdhury Haque Islam Khatun Miah Rahman Sarkar Uddin Ullah",
        Language.BENGALI,
    ),
    _origin(
        2,
        "Abdi Ayaan Faduma Hodan Ifrah Khadra Liban Mahad Nimco Sagal Warsame Yusuf",
        "Abdullahi Ali Farah Guled Hersi Ismail Jama Mohamud Nur Osman Warsame Yusuf",
        Language.SOMALI,
    ),
    _origin(
        2,
        "Adriana Andrei Bogdan Cristina Elena Florin Gabriela Ioana Mihai Raluca Vlad",
        "Albu Balan Ciobanu Dinu Enache Lupu Moraru Neagu Oprea Rusu Stan Toma",
        Language.ROMANIAN,
    ),
    _origin(
        2,
        "Andriy Halyna Iryna Kateryna Lesia Mykola Natalia Oksana Oleh Taras Yulia",
        "Bondar Hnatiuk Koval Kravets Lysenko Marchuk Melnyk Oliinyk Savchuk Tkach",
        Language.UKRAINIAN,
    ),
    _origin(
        1,
        "Adwoa Blessing Chidi Comfort Delroy Emeka Esther Grace Kwame Marcia Ngozi Tendai Winston",
        "Adeyemi Asante Boateng Campbell Eze Francis Mensah Moyo Ncube Nwosu Okafor Owusu",
    ),
)
_WEIGHTS: Final = [origin.weight for origin in ORIGINS]


def full_name(random: Random) -> tuple[str, Language]:
    """A name, and a language that goes with it more often than not."""
    origin = random.choices(ORIGINS, _WEIGHTS)[0]
    return f"{random.choice(origin.first)} {random.choice(origin.last)}", origin.language


def plain(name: str) -> str:
    """The name in the letters that an email address may have: "malgorzata.zajac"."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("ł", "l"))
    return re.sub(r"[^a-z]+", ".", letters.encode("ascii", "ignore").decode()).strip(".")
