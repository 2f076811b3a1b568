"""Reads a course folder (Markdown, YAML, media) strictly.

Nothing is dropped in silence: whatever cannot be taken stands in the refusal with its file,
line and cure. No row is written here.
"""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from creditable.catalog import captions, media, writing
from creditable.catalog.drafts import (
    ApprovalDraft,
    BankDraft,
    CourseDraft,
    EvaluationDraft,
    EvaluationQuestionDraft,
    ExamDraft,
    LessonDraft,
    MediaDraft,
    PracticeDraft,
    QuestionDraft,
    VideoDraft,
)
from creditable.catalog.files import ImportRefused, text_of
from creditable.catalog.ncvec import read_ncvec
from creditable.lib.money import Money
from creditable.policy.source import Node, Problem, Reading

__all__ = ["ImportRefused", "read_course", "read_ncvec"]

DELIVERIES = ("self_paced_online", "live_online", "in_person")
ORDERS = ("free", "fixed")
KINDS = ("single", "true_false")
EVALUATION_KINDS = ("scale", "choice", "text")
PRACTICE_FORMATS = ("ncvec",)
RESERVED = frozenset({"beat", "completed", "evaluation", "exam", "media", "practice", "record"})
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LARGEST_TEXT = 512 * 1024
FEWEST_WORDS = 75  # read in a minute by someone who learns from it
LARGEST_YAML = 4 * 1024 * 1024


def read_course(folder: Path) -> CourseDraft:
    """The course in `folder`; ImportRefused with everything that is wrong with it."""
    return _Folder(folder).course()


class _Folder:
    """One course folder being read. `read` collects what is wrong on the way."""

    def __init__(self, folder: Path) -> None:
        self.root = folder.resolve()
        self.read = Reading()
        self.used: set[str] = set()
        self.media: dict[str, MediaDraft] = {}
        self.looked: dict[str, media.Looked] = {}

    def course(self) -> CourseDraft:
        main = self._document("course.yaml")
        self._media()
        draft = self._course(main) if main else None
        for path in sorted(self.media.keys() - self.used):
            self._problem(path, 1, "no lesson uses this file", "Use it or remove it.")
        for path in self._strangers():
            self._problem(path, 1, "the course does not name this file", "Name it or remove it.")
        if self.read.problems or draft is None:
            raise ImportRefused([self._named(problem) for problem in self.read.problems])
        return draft

    # What the folder holds

    def _problem(self, path: str, line: int, message: str, cure: str) -> None:
        self.read.problems.append(Problem(path, line, message, cure))

    def _named(self, problem: Problem) -> Problem:
        """With the path as it is within the folder."""
        path = Path(problem.file)
        if path.is_absolute() and path.is_relative_to(self.root):
            path = path.relative_to(self.root)
        return Problem(path.as_posix(), problem.line, problem.message, problem.cure)

    def _document(self, name: str) -> Node | None:
        self.used.add(name)
        path = self.root / name
        if text_of(path, name, LARGEST_YAML, self.read.problems) is None:
            return None
        return self.read.document(path)

    def _media(self) -> None:
        for path in sorted((self.root / "media").rglob("*")):
            if path.is_dir():
                continue
            name = path.relative_to(self.root).as_posix()
            if path.is_symlink() or not re.fullmatch(r"[A-Za-z0-9/._-]{1,200}", name):
                self._problem(
                    name, 1, "the name is not taken", "Use letters, digits, dot, - and _ only."
                )
                self.used.add(name)
                continue
            with path.open("rb") as file:
                content = file.read(max(media.LARGEST.values()) + 1024)
            looked = media.look(name, content)
            if isinstance(looked, list):
                for fault in looked:
                    self._problem(name, fault.line, fault.message, fault.cure)
                self.used.add(name)
                looked = media.Looked("", 1, 1)  # named already; whoever uses it is not to blame
            else:
                self.media[name] = MediaDraft(name, looked.content_type, content)
            self.looked[name] = looked

    def _strangers(self) -> Iterator[str]:
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if path.is_file() and not name.startswith("media/") and name not in self.used:
                yield name

    # The course

    def _course(self, main: Node) -> CourseDraft | None:
        read = self.read
        entries = read.fields(
            main,
            "the course",
            required=(
                "slug",
                "title",
                "summary",
                "subject",
                "delivery",
                "credit_minutes",
                "audience",
                "objectives",
                "instructor",
                "price",
                "access_days",
                "modules",
                "exam",
                "attestation",
            ),
            optional=(
                "subtitle",
                "sources",
                "picture",
                "order",
                "practice",
                "evaluation",
                "approvals",
            ),
        )
        objectives = self._words(entries.get("objectives"), "an objective")
        lessons = tuple(self._lessons(entries.get("modules")))
        credit_minutes = self._number(entries.get("credit_minutes"), "credit_minutes", 1)
        planned = sum(lesson.minutes for lesson in lessons)
        if "credit_minutes" in entries and lessons and planned < credit_minutes:
            read.fault(
                entries["credit_minutes"],
                f"the lessons take {planned} minutes, the credit needs {credit_minutes}",
                "Give the lessons more minutes or the course less credit.",
            )
        bank, exam = self._exam(entries.get("exam"), lessons, objectives)
        attestation = self._fields(entries.get("attestation"), "attestation", "version", "text")
        draft = CourseDraft(
            slug=self._slug(entries.get("slug"), "the slug"),
            title=self._line(entries.get("title"), "the title", 160),
            subtitle=self._line(entries.get("subtitle"), "the subtitle", 200),
            summary=self._line(entries.get("summary"), "the summary", 2000),
            subject=self._slug(entries.get("subject"), "the subject"),
            delivery=read.word(entries.get("delivery"), "way of delivery", DELIVERIES),
            credit_minutes=credit_minutes,
            access_days=self._number(entries.get("access_days"), "access_days", 1),
            picture=self._picture(entries.get("picture")),
            detail={
                "objectives": objectives,
                "audience": self._words(entries.get("audience"), "an audience"),
                "instructor": self._instructor(entries.get("instructor")),
                "sources": self._sources(entries.get("sources")),
            },
            in_order=read.word(entries.get("order"), "order of lessons", ORDERS) == "fixed",
            lessons=lessons,
            media=tuple(self.media[path] for path in sorted(self.media)),
            bank=bank,
            exam=exam,
            attestation_version=self._number(attestation.get("version"), "the version", 1),
            attestation_text=self._line(attestation.get("text"), "the attestation", 4000),
            practice=self._practice(entries.get("practice")),
            price=self._price(entries.get("price")),
            approvals=tuple(self._approvals(entries.get("approvals"))),
            evaluation=self._evaluation(entries.get("evaluation"), objectives),
        )
        return None if read.problems else draft

    def _lessons(self, modules: Node | None) -> Iterator[LessonDraft]:
        slugs: set[str] = set()
        for module in self.read.items(modules, "modules"):
            entries = self._fields(module, "a module", "title", "lessons")
            title = self._line(entries.get("title"), "the module's title", 160)
            for node in self.read.items(entries.get("lessons"), "lessons"):
                lesson = self._lesson_fields(node)
                slug = self._slug(lesson.get("slug"), "the lesson's slug")
                if slug in slugs:
                    self.read.fault(node, f"'{slug}' stands twice", "Give each lesson its own.")
                slugs.add(slug)
                minutes = self._number(lesson.get("minutes"), "minutes", 1, 600)
                text = self._lesson_text(lesson.get("file"))
                video = self._video(lesson.get("video"))
                if video and "minutes" in lesson:
                    self._filled(lesson["minutes"], minutes, video, text)
                yield LessonDraft(
                    module_title=title,
                    slug=slug,
                    title=self._line(lesson.get("title"), "the lesson's title", 160),
                    minutes=minutes,
                    html=text,
                    video=video,
                )
        if modules is not None and not slugs:
            self.read.fault(modules, "the course has no lesson", "Add one.")

    def _lesson_fields(self, node: Node) -> Mapping[str, Node]:
        return self.read.fields(
            node, "a lesson", required=("slug", "title", "file", "minutes"), optional=("video",)
        )

    def _filled(self, node: Node, minutes: int, video: VideoDraft, text: str) -> None:
        """The minutes of a video lesson are at most its video and a slow reading of its text."""
        words = len(re.sub(r"<[^>]*>", " ", text).split())
        most = math.ceil(video.milliseconds / 60_000 + words / FEWEST_WORDS)
        if minutes > most:
            self.read.fault(
                node,
                f"the video and {words} words do not fill {minutes} minutes",
                f"Use {most} or less, or write more.",
            )

    def _video(self, node: Node | None) -> VideoDraft | None:
        if node is None:
            return None
        entries = self._fields(node, "the video", "file", "captions")
        path = self._medium(entries.get("file"), "video", tuple(media.VIDEOS))
        words = self._medium(entries.get("captions"), "captions", ("text/vtt",))
        if path not in self.media or words not in self.media:
            return None
        looked = self.looked[path]
        try:
            text = self.media[words].content.decode()
        except UnicodeDecodeError:
            self._problem(words, 1, "not UTF-8 text", "Save the file as UTF-8.")
            return None
        said = captions.read(text, looked.milliseconds)
        for fault in said.faults:
            self._problem(words, fault.line, fault.message, fault.cure)
        return VideoDraft(
            path, words, looked.milliseconds, looked.width, looked.height, tuple(said.cues)
        )

    def _medium(self, node: Node | None, what: str, kinds: tuple[str, ...]) -> str:
        """The path of a file in media/ that is of one of these kinds."""
        path = self.read.text(node, f"the {what} file")
        if node is None or not path:
            return ""
        if path not in self.looked:
            self.read.fault(node, f"no {what} '{path}'", "Put it into the folder media/.")
        elif self.looked[path].content_type not in {"", *kinds}:
            self.read.fault(node, f"'{path}' is no {what}", f"Name a file of {' or '.join(kinds)}.")
        self.used.add(path)
        return path

    def _lesson_text(self, node: Node | None) -> str:
        name = self.read.text(node, "the lesson's file")
        if node is None or not name:
            return ""
        if not _inside(name):
            self.read.fault(node, f"'{name}' leads out of the folder", "Keep it in lessons/.")
            return ""
        self.used.add(name)
        before = len(self.read.problems)
        text = text_of(self.root / name, name, LARGEST_TEXT, self.read.problems)
        if text is None:
            if not (self.root / name).exists():
                del self.read.problems[before:]
                self.read.fault(node, f"no file '{name}'", "Correct the path or add the file.")
            return ""
        written = writing.render(text, self.looked)
        self.used |= written.media
        for fault in written.faults:
            self._problem(name, fault.line, fault.message, fault.cure)
        return written.html

    def _exam(
        self, node: Node | None, lessons: tuple[LessonDraft, ...], objectives: list[str]
    ) -> tuple[BankDraft, ExamDraft]:
        entries = self._fields(
            node,
            "the exam",
            "bank",
            "questions",
            "pass_percent",
            "minutes",
            "attempts",
            "delay_minutes",
        )
        bank = self._bank(entries.get("bank"), {lesson.slug for lesson in lessons}, objectives)
        exam = ExamDraft(
            questions=self._number(entries.get("questions"), "questions", 1, 500),
            pass_percent=self._number(entries.get("pass_percent"), "pass_percent", 1, 100),
            minutes=self._number(entries.get("minutes"), "minutes", 1, 600),
            attempts=self._number(entries.get("attempts"), "attempts", 1, 100),
            delay_minutes=self._number(entries.get("delay_minutes"), "delay_minutes", 0, 525_600),
        )
        if "questions" in entries and bank.questions and exam.questions > len(bank.questions):
            self.read.fault(
                entries["questions"],
                f"the exam draws {exam.questions} questions, the bank has {len(bank.questions)}",
                "Write more questions or draw fewer.",
            )
        return bank, exam

    def _bank(self, node: Node | None, lessons: set[str], objectives: list[str]) -> BankDraft:
        name = self.read.text(node, "the bank's file")
        if node is not None and name and not _inside(name):
            self.read.fault(node, f"'{name}' leads out of the folder", "Keep it in the folder.")
            name = ""
        document = self._document(name) if name else None
        if document is None:
            return BankDraft("", "", "", ())
        entries = self.read.fields(
            document, "the bank", required=("bank", "title", "questions"), optional=("source",)
        )
        questions: list[QuestionDraft] = []
        for item in self.read.items(entries.get("questions"), "questions"):
            question = self._question(item, lessons, objectives)
            for same in questions:
                if question.ref == same.ref or question.stem == same.stem:
                    self.read.fault(
                        item, f"'{question.ref}' repeats '{same.ref}'", "Keep one of them."
                    )
            questions.append(question)
        if not questions:
            self.read.fault(document, "the bank has no question", "Write some.")
        return BankDraft(
            slug=self._slug(entries.get("bank"), "the bank's name"),
            title=self._line(entries.get("title"), "the bank's title", 160),
            source=self._line(entries.get("source"), "the source", 2000),
            questions=tuple(questions),
        )

    def _question(self, node: Node, lessons: set[str], objectives: list[str]) -> QuestionDraft:
        read = self.read
        entries = read.fields(
            node,
            "a question",
            required=("ref", "kind", "stem", "choices", "answer", "explanation"),
            optional=("objective", "lesson"),
        )
        kind = read.word(entries.get("kind"), "kind of question", KINDS)
        choices = self._words(entries.get("choices"), "a choice")
        answer = self._number(entries.get("answer"), "the answer", 0)
        if "choices" in entries:
            if len(choices) < 2 or len(set(choices)) != len(choices):
                read.fault(
                    entries["choices"], "the choices are too few or alike", "Give two or more."
                )
            if kind == "true_false" and len(choices) != 2:
                read.fault(entries["choices"], "true or false has two choices", "Give two.")
            if "answer" in entries and answer >= len(choices):
                read.fault(
                    entries["answer"],
                    f"there is no choice {answer}",
                    "Count the choices from 0.",
                )
        lesson = entries.get("lesson")
        return QuestionDraft(
            ref=self._line(entries.get("ref"), "ref", 40),
            kind=kind,
            stem=self._line(entries.get("stem"), "the stem", 2000),
            choices=tuple(choices),
            answer=answer,
            explanation=self._line(entries.get("explanation"), "the explanation", 2000),
            objective=self._objective(entries.get("objective"), objectives),
            lesson_slug=read.word(lesson, "lesson of this course", lessons) if lesson else "",
        )

    def _objective(self, node: Node | None, objectives: list[str]) -> str:
        """The objective whose number, counted from 1, stands there."""
        number = self._number(node, "the objective", 1)
        if node is None:
            return ""
        if number > len(objectives):
            self.read.fault(
                node, f"the course has no objective {number}", f"Use 1 to {len(objectives)}."
            )
            return ""
        return objectives[number - 1]

    def _practice(self, node: Node | None) -> PracticeDraft | None:
        if node is None:
            return None
        entries = self._fields(node, "practice", "title", "bank", "format", "questions")
        title = self._line(entries.get("title"), "the title", 160)
        self.read.word(entries.get("format"), "format of a bank", PRACTICE_FORMATS)
        questions = self._number(entries.get("questions"), "questions", 1, 100)
        name = self.read.text(entries.get("bank"), "the bank's file")
        if not name:
            return None
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root.parent.parent):
            self.read.fault(
                entries["bank"], f"'{name}' leads out of the provider's folder", "Keep it inside."
            )
            return None
        try:
            bank = read_ncvec(path, title=title)
        except ImportRefused as refusal:
            self.read.problems += refusal.problems
            return None
        if questions > len(bank.questions):
            self.read.fault(
                entries["questions"],
                f"the bank has {len(bank.questions)} questions",
                "Draw fewer.",
            )
        return PracticeDraft(title, questions, bank)

    def _evaluation(self, node: Node | None, objectives: list[str]) -> EvaluationDraft | None:
        if node is None:
            return None
        entries = self._fields(node, "the evaluation", "required", "questions")
        questions: list[EvaluationQuestionDraft] = []
        for item in self.read.items(entries.get("questions"), "questions"):
            question = self._evaluation_question(item, objectives)
            if any(question.ref == same.ref for same in questions):
                self.read.fault(item, f"'{question.ref}' stands twice", "Give each its own ref.")
            questions.append(question)
        if "questions" in entries and not questions:
            self.read.fault(entries["questions"], "the evaluation asks nothing", "Ask something.")
        return EvaluationDraft(
            required=self.read.truth(entries.get("required"), "required"),
            questions=tuple(questions),
        )

    def _evaluation_question(self, node: Node, objectives: list[str]) -> EvaluationQuestionDraft:
        read = self.read
        entries = read.fields(
            node,
            "a question of the evaluation",
            required=("ref", "kind", "words", "required"),
            optional=("choices", "objective", "instructor"),
        )
        kind = read.word(entries.get("kind"), "kind of question", EVALUATION_KINDS)
        choices = self._words(entries.get("choices"), "a choice")
        if kind == "choice" and (len(choices) < 2 or len(set(choices)) != len(choices)):
            read.fault(node, "the choices are too few or alike", "Give two or more.")
        if kind in ("scale", "text") and choices:
            read.fault(node, f"a {kind} has no choices", "Remove them or ask for a choice.")
        if "objective" in entries and "instructor" in entries:
            read.fault(node, "it judges an objective and the instructor", "Ask two questions.")
        return EvaluationQuestionDraft(
            ref=self._slug(entries.get("ref"), "ref"),
            kind=kind,
            words=self._line(entries.get("words"), "the words", 400),
            required=read.truth(entries.get("required"), "required"),
            choices=tuple(choices),
            objective=self._objective(entries.get("objective"), objectives),
            instructor=read.truth(entries.get("instructor"), "instructor"),
        )

    def _approvals(self, node: Node | None) -> Iterator[ApprovalDraft]:
        for item in self.read.items(node, "approvals"):
            entries = self._fields(
                item, "an approval", "authority", "number", "minutes", "valid_from", "valid_to"
            )
            topics = entries.get("minutes")
            minutes = self.read.mapping(topics, "minutes").items() if topics else ()
            approval = ApprovalDraft(
                authority=self._slug(entries.get("authority"), "the authority"),
                number=self._line(entries.get("number"), "the number", 60),
                topic_minutes={
                    topic: self._number(value, f"minutes of {topic}", 1) for topic, value in minutes
                },
                valid_from=self.read.date(entries.get("valid_from"), "valid_from"),
                valid_to=self.read.date(entries.get("valid_to"), "valid_to"),
            )
            if topics and not approval.topic_minutes:
                self.read.fault(topics, "the approval counts nothing", "Give a topic its minutes.")
            if "valid_to" in entries and approval.valid_to < approval.valid_from:
                self.read.fault(
                    entries["valid_to"], "it ends before it begins", "Exchange the dates."
                )
            yield approval

    # Small parts

    def _fields(self, node: Node | None, what: str, *required: str) -> dict[str, Node]:
        return dict(self.read.fields(node, what, required=required)) if node else {}

    def _line(self, node: Node | None, what: str, most: int) -> str:
        text = " ".join(self.read.text(node, what).split())
        if node is not None and len(text) > most:
            self.read.fault(node, f"{what} has {len(text)} characters", f"Keep it below {most}.")
        return text

    def _slug(self, node: Node | None, what: str) -> str:
        text = self.read.text(node, what)
        if node is None or not text:
            return ""
        if text in RESERVED:
            self.read.fault(node, f"'{text}' is an address of the program", "Choose another word.")
        elif len(text) > 80 or not SLUG.fullmatch(text):
            self.read.fault(
                node, f"'{text}' cannot stand in an address", "Use a-z, 0-9 and single hyphens."
            )
        return text

    def _number(self, node: Node | None, what: str, least: int, most: int = 1_000_000) -> int:
        number = self.read.whole(node, what, least=least)
        if node is not None and number > most:
            self.read.fault(node, f"{what} is {number}", f"Use {most} or less.")
        return number

    def _words(self, node: Node | None, what: str) -> list[str]:
        return [self._line(item, what, 600) for item in self.read.items(node, f"{what}'s list")]

    def _picture(self, node: Node | None) -> str:
        return self._medium(node, "picture", ("image/svg+xml", "image/png", "image/jpeg"))

    def _instructor(self, node: Node | None) -> dict[str, str]:
        entries = self._fields(node, "the instructor", "name", "bio")
        return {
            "name": self._line(entries.get("name"), "the name", 120),
            "bio": self._line(entries.get("bio"), "the bio", 2000),
        }

    def _sources(self, node: Node | None) -> list[dict[str, str]]:
        sources = []
        for item in self.read.items(node, "sources"):
            entries = self._fields(item, "a source", "title", "url", "checked")
            address = self._line(entries.get("url"), "the url", 400)
            if "url" in entries and not re.fullmatch(r"https?://[^\s/]+\S*", address):
                self.read.fault(entries["url"], "the url is no web address", "Begin with https://.")
            sources.append(
                {
                    "title": self._line(entries.get("title"), "the title", 300),
                    "url": address,
                    "checked": self.read.date(entries.get("checked"), "checked").isoformat(),
                }
            )
        return sources

    def _price(self, node: Node | None) -> Money:
        entries = self._fields(node, "the price", "cents", "currency")
        currency = self.read.word(entries.get("currency"), "currency", ("USD",))
        return Money(self._number(entries.get("cents"), "cents", 0, 100_000_00), currency or "USD")


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
