"""A message as it is on the wire."""

from django.contrib.auth import get_user_model
from rest_framework import serializers

from .models import Message


class UserSerializer(serializers.ModelSerializer):
    """Its sender."""

    class Meta:
        model = get_user_model()
        fields = ["id", "username", "first_name", "last_name"]


class MessageSerializer(serializers.ModelSerializer):
    """The message."""

    sender = UserSerializer(read_only=True)

    class Meta:
        model = Message
        fields = ["id", "sender", "content", "timestamp"]
