"""A mail server under the virtual clock: it takes letters, refuses some, is away at times, and loses its own answers."""

import re
from collections import Counter
from random import Random

from models.letters import Letter, LetterState
from notifications.claims import Outcome
from notifications.connection import Away, Connection, Later, Refused
from notifications.message import Mail
from notifications.settings import MailSettings, StartTls

SETTINGS = MailSettings(
    host="mail.example", sender_address="ocop@tinh.example", starttls=StartTls.NEVER, connections=2, timeout=1,
    lease_seconds=600,
)  # fmt: skip
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.MULTILINE)


class VirtualServer:
    """What arrived, and how it misbehaves: the chances of each fault of a reply."""

    def __init__(self, random: Random, faults: float) -> None:
        """Draw from this source; misbehave with this probability at each letter."""
        self.random, self.faults = random, faults
        self.arrived: Counter[str] = Counter()
        self.told: Counter[str] = Counter()

    def connect(self, settings: MailSettings) -> Connection:
        """Return a connection to this server."""
        return _VirtualConnection(settings, self)

    def answer(self, letter: Letter) -> Outcome:
        """Return what becomes of a letter that is not written out: the same as of one that is."""
        try:
            self.take(letter.message_id)
        except Refused as refusal:
            return Outcome(letter, LetterState.DEAD, str(refusal))
        except (Later, Away) as trouble:
            lost = isinstance(trouble, Later) and trouble.reply_lost
            return Outcome(letter, LetterState.OWED, str(trouble), reply_lost=lost)
        return Outcome(letter, LetterState.SENT)

    def take(self, message_id: str) -> None:
        """Answer one letter."""
        if self.faults and self.random.random() < self.faults:
            answer = self.random.choices(("later", "refused", "reply lost", "away"), [6, 1, 4, 1])[0]
            self.told[answer] += 1
            match answer:
                case "later":
                    raise Later("451 4.3.0 try again")
                case "refused":
                    raise Refused("550 5.1.1 no such user")
                case "away":
                    raise Away("connection refused")
        else:
            answer = ""
        self.arrived[message_id] += 1
        if answer:
            raise Later("connection lost", reply_lost=True)


class _VirtualConnection(Connection):
    def __init__(self, settings: MailSettings, server: VirtualServer) -> None:
        super().__init__(settings)
        self._server = server

    async def send(self, mail: Mail) -> None:
        found = _MESSAGE_ID.search(mail.content)
        assert found is not None
        self._server.take(found[1].decode())

    async def close(self) -> None:
        return
