"""The rows that the guide's consumer reads and writes."""

from django.conf import settings
from django.db import models


class Conversation(models.Model):
    """People who talk to each other."""

    created_at = models.DateTimeField(auto_now_add=True)


class ConversationParticipant(models.Model):
    """Somebody in a conversation, and how much they have not read."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    unread_count = models.PositiveIntegerField(default=0)

    class Meta:
        unique_together = [("conversation", "user")]


class Message(models.Model):
    """What somebody said."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    content = models.TextField()
    timestamp = models.DateTimeField(auto_now_add=True)


class MessageDeletion(models.Model):
    """A message that somebody no longer wants to see."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    class Meta:
        unique_together = [("message", "user")]
