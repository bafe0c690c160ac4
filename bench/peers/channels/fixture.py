"""Makes the tables, and people, conversations and tokens in them: USERS, ROOM, PAIRS, FIXTURE_OUT."""

import json
import os

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from chatapp.models import Conversation, ConversationParticipant  # noqa: E402


def durable():
    """Whether a commit of this database is on the disk: WAL with synchronous=FULL."""
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    return (mode, synchronous) == ("wal", 2)


def converse(people):
    """A conversation of these people; gives its id."""
    conversation = Conversation.objects.create()
    ConversationParticipant.objects.bulk_create(
        ConversationParticipant(conversation=conversation, user=person) for person in people
    )
    return conversation.id


def main():
    count, room, pairs = (int(os.environ[name]) for name in ("USERS", "ROOM", "PAIRS"))
    if room > count or count < 2:
        raise SystemExit("USERS must be 2 or more, and ROOM at most USERS")
    call_command("migrate", run_syncdb=True, verbosity=0)
    if not durable():
        raise SystemExit("the database is not set to WAL with synchronous=FULL")
    User = get_user_model()
    with transaction.atomic():
        # The password of nobody: sockets are opened with tokens.
        User.objects.bulk_create(User(username=f"user{n}", password="!") for n in range(count))
        people = list(User.objects.order_by("id"))
        fixture = {
            "room": {"id": converse(people[:room]), "members": list(range(room))},
            "pairs": [],
            "tokens": [str(AccessToken.for_user(person)) for person in people],
        }
        for n in range(pairs):
            # People of the pairs come after those of the room, and begin anew with these where there are too few.
            a, b = (room + 2 * n) % count, (room + 2 * n + 1) % count
            fixture["pairs"].append({"id": converse([people[a], people[b]]), "a": a, "b": b})
    with open(os.environ["FIXTURE_OUT"], "w") as out:
        json.dump(fixture, out)


main()
