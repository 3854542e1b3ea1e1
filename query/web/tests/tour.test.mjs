// One message's way, as a client from npm sees it: graphql-ws, unchanged, against a running server.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import {
  SEND,
  ask,
  connect,
  createChannel,
  events,
  failure,
  joinChannel,
  once,
  password,
  post,
  sendMessage,
  signUp,
  take,
} from './support.mjs';

const clients = [];
const open = (token, options) => {
  const client = connect(token, options);
  clients.push(client);
  return client;
};

let ada;
let ben;
let channel;
let joined;

before(async () => {
  [ada, ben] = await Promise.all([signUp('Ada'), signUp('벤')]);
  channel = await createChannel(ada.token);
  joined = await joinChannel(ben.token, channel.channel.id);
});

after(() => Promise.all(clients.map((client) => client.dispose())));

test('who signed up can log in, and a second use of a refresh token ends the session', async () => {
  const { logIn } = await ask(
    `mutation ($input: LogInInput!) {
      logIn(input: $input) { accessToken refreshToken user { id } }
    }`,
    { input: { email: ada.email.toUpperCase(), password } },
  );
  assert.equal(logIn.user.id, ada.id);
  const { me } = await ask('{ me { id username } }', {}, { token: logIn.accessToken });
  assert.deepEqual(me, { id: ada.id, username: 'Ada' });
  const refresh = `mutation ($token: String!) {
    refreshSession(refreshToken: $token) { refreshToken } }`;
  await ask(refresh, { token: logIn.refreshToken });
  const again = await post(refresh, { token: logIn.refreshToken });
  assert.ok(again.errors?.[0].extensions.code, JSON.stringify(again));
});

test('a channel is made under the id that its maker chose, and joined', () => {
  assert.equal(channel.channel.id, channel.commandId);
  assert.equal(channel.channel.viewerRole, 'ADMIN');
  assert.equal(joined.channel.memberCount, 2);
  assert.equal(joined.channel.viewerRole, 'MEMBER');
});

test('what one sends, the other sees arrive on a socket', async () => {
  const live = events(open(ben.token), channel.channel.id, joined.position);
  const sent = await sendMessage(ada.token, channel.channel.id, '안녕, Ben!');
  const [event] = await take(live, 1);
  assert.equal(event.__typename, 'MessageSent');
  assert.equal(event.channelId, channel.channel.id);
  assert.deepEqual(event.message, {
    id: sent.message.id,
    seq: sent.message.seq,
    kind: 'TALK',
    text: '안녕, Ben!',
    author: { id: ada.id, username: 'Ada' },
  });
  await live.return();
});

test('queries and mutations work over a socket, and a repeat is one message', async () => {
  const socket = open(ada.token);
  const { data } = await once(socket, '{ me { username } }');
  assert.deepEqual(data, { me: { username: 'Ada' } });
  const from = await sendMessage(ada.token, channel.channel.id, 'before');
  const input = { commandId: randomUUID(), channelId: channel.channel.id, text: 'only once' };
  const first = await once(socket, SEND, { input });
  const second = await once(socket, SEND, { input });
  assert.equal(first.data.sendMessage.message.id, input.commandId);
  assert.deepEqual(second.data.sendMessage.message, first.data.sendMessage.message);
  await sendMessage(ada.token, channel.channel.id, 'behind');
  const live = events(open(ben.token), channel.channel.id, from.position);
  const texts = (await take(live, 2)).map((event) => event.message.text);
  assert.deepEqual(texts, ['only once', 'behind']);
  await live.return();
});

test('a deleted message is pushed without its text', async () => {
  const sent = await sendMessage(ada.token, channel.channel.id, 'to be deleted');
  const live = events(open(ben.token), channel.channel.id, sent.position);
  await ask(
    `mutation ($id: ID!) { deleteMessage(messageId: $id) { message { id text } } }`,
    { id: sent.message.id },
    { token: ada.token },
  );
  const [event] = await take(live, 1);
  assert.equal(event.__typename, 'MessageDeleted');
  assert.equal(event.message.id, sent.message.id);
  assert.equal(event.message.text, null);
  assert.ok(event.message.deletedAt);
  await live.return();
});

test('over reconnects nothing is lost, repeated or out of order', async () => {
  const count = 120;
  const start = await sendMessage(ada.token, channel.channel.id, 'start');
  let socket;
  const client = () =>
    open(ben.token, { on: { connected: (opened) => (socket = opened) } });
  const sending = (async () => {
    for (let number = 0; number < count; number += 1) {
      await sendMessage(ada.token, channel.channel.id, `number ${number}`);
    }
  })();
  const seen = [];
  let position = start.position;
  let cuts = 0;
  while (seen.length < count) {
    try {
      for await (const event of events(client(), channel.channel.id, position)) {
        position = event.position;
        seen.push(event.message.text);
        if (seen.length === count) break;
        // Cut off now and then, without a word.
        if (seen.length % 25 === 0) socket.terminate();
      }
    } catch {
      cuts += 1;
    }
  }
  await sending;
  assert.deepEqual(seen, Array.from({ length: count }, (_, number) => `number ${number}`));
  assert.ok(cuts >= 3, `cut off ${cuts} times`);
});

test('a query sees what its position names', async () => {
  const sent = await sendMessage(ada.token, channel.channel.id, 'the newest');
  const { channel: found } = await ask(
    `query ($id: ID!) {
      channel(id: $id) { lastMessage { id }
        messages(last: 2) { nodes { id seq } pageInfo { hasPreviousPage } } }
    }`,
    { id: channel.channel.id },
    { token: ben.token, headers: { 'x-min-position': sent.position } },
  );
  assert.equal(found.lastMessage.id, sent.message.id);
  assert.equal(found.messages.nodes[1].id, sent.message.id);
  assert.equal(found.messages.pageInfo.hasPreviousPage, true);
});

test('a position that is none, or of no log, is refused', async () => {
  const watch = (position) => take(events(open(ben.token), channel.channel.id, position), 1);
  assert.equal(await failure(watch('nonsense')), 'INVALID_CURSOR');
  const { status, errors } = await post(
    '{ me { id } }', {}, { token: ben.token, headers: { 'x-min-position': 'nonsense' } });
  assert.deepEqual([status, errors[0].extensions.code], [400, 'INVALID_CURSOR']);
});

test('strangers and the anonymous are told nothing', async () => {
  const stranger = await signUp('Stranger');
  const watch = (token) => take(events(open(token), channel.channel.id, joined.position), 1);
  assert.equal(await failure(watch(stranger.token)), 'FORBIDDEN');
  assert.equal(await failure(watch(undefined)), 'UNAUTHENTICATED');
});

test('a bad token closes 4403', async () => {
  assert.equal(await failure(once(open('nonsense'), '{ me { id } }')), 4403);
});

test('logging out closes the sockets of that session', async () => {
  const cleo = await signUp('Cleo');
  const socket = open(cleo.token);
  await once(socket, '{ me { id } }');
  const made = await createChannel(cleo.token);
  const closed = failure(take(events(socket, made.channel.id, made.position), 1));
  await ask(
    'mutation ($token: String!) { logOut(refreshToken: $token) }',
    { token: cleo.refreshToken },
    { token: cleo.token },
  );
  assert.equal(await closed, 4403);
  // Every node refuses the session within five seconds.
  const deadline = Date.now() + 5_000;
  let status;
  do {
    ({ status } = await post('{ me { id } }', {}, { token: cleo.token }));
  } while (status !== 401 && Date.now() < deadline);
  assert.equal(status, 401);
});

test('who leaves sees it, and then no more', async () => {
  const start = await sendMessage(ada.token, channel.channel.id, 'before');
  await sendMessage(ada.token, channel.channel.id, 'last words');
  const his = events(open(ben.token), channel.channel.id, start.position);
  const hers = events(open(ada.token), channel.channel.id, start.position);
  // Both follow, for both were told this.
  for (const [event] of [await take(his, 1), await take(hers, 1)]) {
    assert.equal(event.message.text, 'last words');
  }
  await ask(
    'mutation ($id: ID!) { leaveChannel(channelId: $id) { position } }',
    { id: channel.channel.id },
    { token: ben.token },
  );
  const [left] = await take(his, 1);
  assert.deepEqual([left.__typename, left.user.id], ['MemberLeft', ben.id]);
  assert.equal(await failure(take(his, 1)), 'FORBIDDEN');
  const seen = await take(hers, 2);
  assert.deepEqual(seen.map((event) => event.__typename), ['MemberLeft', 'MessageSent']);
  assert.equal(seen[1].message.kind, 'LEAVE');
  await hers.return();
});
