// The same work in Node.js on the same tables: @nats-io/jetstream's ordered consumer and atomic batch,
// better-sqlite3, up to 500 events a transaction with the position in it. Arguments as contestant.py has them.
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";

import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { connect, headers } from "@nats-io/transport-node";
import Database from "better-sqlite3";

const BATCH = 500;
const CAPACITY = 5;

const { values: given } = parseArgs({
  options: { nats: { type: "string" }, database: { type: "string" }, count: { type: "string" } },
});
const count = Number(given.count);

const database = new Database(given.database.replace("sqlite:///", ""));
for (const pragma of ["journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"]) {
  database.pragma(pragma);
}
database.exec("INSERT OR IGNORE INTO position VALUES (0, 0, '', '')");
const putTally = database.prepare(
  "INSERT INTO tally (program, cycle, value, count, active) VALUES (?, ?, ?, ?, ?) " +
    "ON CONFLICT (program, cycle) DO UPDATE SET " +
    "value = excluded.value, count = excluded.count, active = excluded.active",
);
const putLoad = database.prepare(
  "INSERT INTO load (program, active, refused) VALUES (?, ?, ?) " +
    "ON CONFLICT (program) DO UPDATE SET active = excluded.active, refused = excluded.refused",
);
const putPosition = database.prepare("UPDATE position SET seq = ? WHERE partition = 0");

// Rows stay in memory, as they do in the others.
const tallies = new Map();
const loads = new Map();
for (const row of database.prepare("SELECT * FROM tally").iterate()) {
  tallies.set(`${row.program}/${row.cycle}`, { ...row, active: row.active === 1 });
}
for (const row of database.prepare("SELECT * FROM load").iterate()) loads.set(row.program, row);
const position = database.prepare("SELECT seq FROM position").pluck().get();

const connection = await connect({ servers: given.nats });
const js = jetstream(connection);

const start = process.hrtime.bigint();
const cpu = process.cpuUsage();
const consumer = await js.consumers.get("MENTORING", {
  filter_subjects: "mentoring.*.progressed.*.*",
  deliver_policy: DeliverPolicy.StartSequence,
  opt_start_seq: position + 1,
});

const arrived = [];
let wake = () => {};
const messages = await consumer.consume({
  max_messages: 2 * BATCH,
  callback: (message) => {
    arrived.push(message);
    wake();
  },
});

let inputs = 0;
while (inputs < count) {
  if (arrived.length === 0) await new Promise((resolve) => (wake = resolve));
  const batch = arrived.splice(0, BATCH);
  const { changed, touched, answers } = fold(batch);
  database.exec("BEGIN IMMEDIATE");
  putPosition.run(batch.at(-1).seq);
  for (const row of changed.values()) {
    putTally.run(row.program, row.cycle, row.value, row.count, Number(row.active));
  }
  for (const row of touched.values()) putLoad.run(row.program, row.active, row.refused);
  await publish(answers);
  database.exec("COMMIT");
  inputs += batch.length;
}

const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({ inputs, seconds, cpu: (used.user + used.system) / 1e6 }));
messages.stop();
await connection.close();
database.close();

function fold(batch) {
  const changed = new Map();
  const touched = new Map();
  const answers = [];
  for (const message of batch) {
    const event = JSON.parse(message.string());
    const { program, correlationid: cycle, data } = event;
    if (event.type !== "mentoring.progressed.v1" || typeof data.value !== "number") {
      throw new Error(message.subject);
    }
    const key = `${program}/${cycle}`;
    const tally = tallies.get(key) ?? { program, cycle, count: 0, active: false };
    const load = loads.get(program) ?? { program, active: 0, refused: 0 };
    const raised = tally.active || load.active < CAPACITY;
    if (!raised) load.refused += 1;
    else if (!tally.active) load.active += 1;
    Object.assign(tally, { value: data.value, count: tally.count + 1, active: raised });
    tallies.set(key, tally);
    loads.set(program, load);
    changed.set(key, tally);
    touched.set(program, load);
    answers.push([`mentoring.${program}.flagged.${cycle}`, answer(event, raised ? "raised" : "cleared")]);
  }
  return { changed, touched, answers };
}

async function publish(answers) {
  if (answers.length === 1) return void (await js.publish(...answers[0]));
  const batch = await js.startBatch(...answers[0]);
  for (const [subject, body] of answers.slice(1, -1)) batch.add(subject, body, { headers: headers() });
  await batch.commit(...answers.at(-1), { timeout: 5000 });
}

function answer(event, status) {
  return JSON.stringify({
    specversion: "1.0",
    id: uuid5(event.id, "flagged"),
    source: "/mentoring/tally",
    type: "mentoring.flagged.v1",
    subject: event.subject,
    time: event.time,
    datacontenttype: "application/json",
    dataschema: "urn:mentoring:flagged:v1",
    program: event.program,
    correlationid: event.correlationid,
    causationid: event.id,
    traceparent: event.traceparent,
    data: {
      mentee: "a",
      mentor: "b",
      rules: "v1",
      flag: event.correlationid,
      rule: "progress",
      status,
      evidence: [event.id],
    },
  });
}

// RFC 9562, version 5.
function uuid5(namespace, name) {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = bytes.toString("hex", 0, 16);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}
