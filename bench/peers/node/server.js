// server.js FOLDER PORT: a chat on ws and better-sqlite3. Says when it listens; ends on SIGTERM.
"use strict";

const http = require("node:http");
const { WebSocket, WebSocketServer } = require("ws");
const { open, statements } = require("./store");
const token = require("./token");

const PING_MS = 20_000;
const PLACE = /^\/ws\/chat\/(\d+)\/$/;

const db = open(process.argv[2]);
const store = statements(db);
const rooms = new Map();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 65_536 });

/** Sends a frame to everyone in a room, but for one, if given. It is encoded once. */
function broadcast(room, frame, except) {
  const bytes = Buffer.from(JSON.stringify(frame));
  for (const socket of room) {
    if (socket !== except && socket.readyState === WebSocket.OPEN) socket.send(bytes, { binary: false });
  }
}

const tell = (socket, frame) => socket.send(JSON.stringify(frame));
const refuse = (socket, message) => tell(socket, { type: "error", message });

/** What clients may say, by type. */
const deeds = {
  chat_message(socket, { content }) {
    const text = typeof content === "string" ? content.trim() : "";
    if (!text) return refuse(socket, "Empty message");
    if (text.length > 5000) return refuse(socket, "Message too long");
    const message = store.save(socket.conversation, socket.user, text);
    return broadcast(socket.room, { type: "new_message", message });
  },
  delete_message(socket, { message_id: id }) {
    if (!id) return refuse(socket, "Message ID required");
    if (!Number.isSafeInteger(id) || !store.remove(id, socket.user.id)) return refuse(socket, "Failed to delete message");
    return tell(socket, { type: "message_deleted", message_id: id });
  },
  typing(socket, { is_typing: isTyping }) {
    const { id, username } = socket.user;
    broadcast(socket.room, { type: "typing", user_id: id, username, is_typing: Boolean(isTyping) }, socket);
  },
};

function hear(socket, data) {
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    return refuse(socket, "Invalid JSON");
  }
  const deed = Object.hasOwn(deeds, frame?.type) && deeds[frame.type];
  return deed ? deed(socket, frame) : refuse(socket, "Unknown message type");
}

function welcome(socket, conversation, user) {
  if (!rooms.has(conversation)) rooms.set(conversation, new Set());
  const room = rooms.get(conversation);
  Object.assign(socket, { conversation, user, room, alive: true });
  room.add(socket);
  socket.on("message", (data) => hear(socket, data));
  socket.on("pong", () => { socket.alive = true; });
  socket.on("close", () => {
    room.delete(socket);
    if (room.size === 0 && rooms.get(conversation) === room) rooms.delete(conversation);
  });
  tell(socket, { type: "connection_established", message: "Connected to chat" });
}

const server = http.createServer((_, answer) => answer.writeHead(404).end());
server.on("upgrade", (request, stream, head) => {
  const url = new URL(request.url, "http://localhost");
  const place = PLACE.exec(url.pathname);
  if (!place) {
    stream.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.on("error", () => socket.terminate());
    const conversation = Number(place[1]);
    const user = store.user(token.check(url.searchParams.get("token")) ?? null);
    if (!user) return socket.close(4001);
    if (!store.participates(conversation, user.id)) return socket.close(4003);
    return welcome(socket, conversation, user);
  });
});

// Who has not answered the last ping is gone.
setInterval(() => {
  for (const socket of sockets.clients) {
    if (!socket.alive) {
      socket.terminate();
      continue;
    }
    socket.alive = false;
    socket.ping();
  }
}, PING_MS).unref();

process.on("SIGTERM", () => {
  db.close();
  process.exit(0);
});

server.listen({ host: "127.0.0.1", port: Number(process.argv[3]), backlog: 4096 }, () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
