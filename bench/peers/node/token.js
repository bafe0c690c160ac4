// Access tokens: JWT, HS256.
"use strict";

const jwt = require("jsonwebtoken");

// The data live for one run on loopback, and so does the secret.
const SECRET = "for one run of the benchmark, on loopback only";

/** A token that is good for 24 hours. */
const make = (user) => jwt.sign({ user_id: user }, SECRET, { algorithm: "HS256", expiresIn: "24h" });

/** The id of the user whom a token names, or nothing. */
function check(token) {
  try {
    return jwt.verify(token, SECRET, { algorithms: ["HS256"] }).user_id;
  } catch {
    return undefined;
  }
}

module.exports = { make, check };
