// fixture.js FOLDER: makes people, conversations and tokens: USERS, ROOM, PAIRS, FIXTURE_OUT.
"use strict";

const fs = require("node:fs");
const { open } = require("./store");
const token = require("./token");

const [users, room, pairs] = ["USERS", "ROOM", "PAIRS"].map((name) => Number.parseInt(process.env[name], 10));
if (!(users >= 2 && room <= users && pairs >= 0)) {
  throw new Error("USERS must be 2 or more, ROOM at most USERS, and PAIRS a number");
}

const db = open(process.argv[2]);
const insertUser = db.prepare("INSERT INTO users VALUES (?, ?, '', '')");
const insertConversation = db.prepare("INSERT INTO conversations DEFAULT VALUES");
const insertParticipant = db.prepare("INSERT INTO participants VALUES (?, ?)");

// The index of somebody in the fixture; their id is one more.
function converse(people) {
  const id = Number(insertConversation.run().lastInsertRowid);
  for (const index of people) insertParticipant.run(id, index + 1);
  return id;
}

const fixture = db.transaction(() => {
  const everyone = Array.from({ length: users }, (_, index) => index);
  for (const index of everyone) insertUser.run(index + 1, `user${index}`);
  const members = everyone.slice(0, room);
  return {
    room: { id: converse(members), members },
    // People of the pairs come after those of the room, and begin anew with these where there are too few.
    pairs: Array.from({ length: pairs }, (_, n) => {
      const [a, b] = [(room + 2 * n) % users, (room + 2 * n + 1) % users];
      return { id: converse([a, b]), a, b };
    }),
    tokens: everyone.map((index) => token.make(index + 1)),
  };
})();
db.close();
fs.writeFileSync(process.env.FIXTURE_OUT, JSON.stringify(fixture));
