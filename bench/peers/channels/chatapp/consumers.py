"""The consumer that the guide prints. Changed: a message and its unread counts are one transaction, so that they cost one
sync of the disk instead of two, and the conversation is not read anew for each message."""

import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import transaction
from django.db.models import F

from .models import ConversationParticipant, Message, MessageDeletion
from .serializers import MessageSerializer


class ChatConsumer(AsyncWebsocketConsumer):
    """One conversation: `/ws/chat/<conversation_id>/`."""

    async def connect(self):
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        self.room_group_name = f"chat_{self.conversation_id}"
        self.user = self.scope["user"]
        if self.user.is_anonymous:
            await self.close(code=4001)
            return
        if not await self.check_participant():
            await self.close(code=4003)
            return
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()
        await self.send(text_data=json.dumps({"type": "connection_established", "message": "Connected to chat"}))

    async def disconnect(self, close_code):
        if hasattr(self, "room_group_name"):
            await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data):
        try:
            data = json.loads(text_data)
        except json.JSONDecodeError:
            await self.send_error("Invalid JSON")
            return
        kind = data.get("type")
        if kind == "chat_message":
            await self.handle_chat_message(data)
        elif kind == "delete_message":
            await self.handle_delete_message(data)
        elif kind == "typing":
            await self.handle_typing(data)
        else:
            await self.send_error("Unknown message type")

    async def handle_chat_message(self, data):
        content = data.get("content", "").strip()
        if not content:
            await self.send_error("Empty message")
            return
        if len(content) > 5000:
            await self.send_error("Message too long")
            return
        message = await self.save_message(content)
        await self.channel_layer.group_send(
            self.room_group_name, {"type": "chat_message_broadcast", "message": message}
        )

    async def handle_delete_message(self, data):
        message_id = data.get("message_id")
        if not message_id:
            await self.send_error("Message ID required")
        elif await self.delete_message(message_id):
            await self.send(text_data=json.dumps({"type": "message_deleted", "message_id": message_id}))
        else:
            await self.send_error("Failed to delete message")

    async def handle_typing(self, data):
        await self.channel_layer.group_send(
            self.room_group_name,
            {
                "type": "typing_indicator",
                "user_id": self.user.id,
                "username": self.user.username,
                "is_typing": data.get("is_typing", False),
            },
        )

    async def chat_message_broadcast(self, event):
        await self.send(text_data=json.dumps({"type": "new_message", "message": event["message"]}))

    async def typing_indicator(self, event):
        if event["user_id"] != self.user.id:
            await self.send(text_data=json.dumps({**event, "type": "typing"}))

    async def send_error(self, message):
        await self.send(text_data=json.dumps({"type": "error", "message": message}))

    @database_sync_to_async
    def check_participant(self):
        return ConversationParticipant.objects.filter(
            conversation_id=self.conversation_id, user=self.user
        ).exists()

    @database_sync_to_async
    def save_message(self, content):
        """Stores a message; what it gives is durable."""
        with transaction.atomic():
            message = Message.objects.create(
                conversation_id=self.conversation_id, sender=self.user, content=content
            )
            ConversationParticipant.objects.filter(conversation_id=self.conversation_id).exclude(
                user=self.user
            ).update(unread_count=F("unread_count") + 1)
        return MessageSerializer(message).data

    @database_sync_to_async
    def delete_message(self, message_id):
        """Hides a message from this user; false where there is none for them."""
        seen = Message.objects.filter(id=message_id, conversation__conversationparticipant__user=self.user)
        message = seen.first()
        if message is None:
            return False
        MessageDeletion.objects.get_or_create(message=message, user=self.user)
        return True
