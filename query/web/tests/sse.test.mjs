// The same tour over server-sent events, by graphql-sse as it comes from npm.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createClient } from 'graphql-sse';

import {
  EVENTS,
  ask,
  createChannel,
  endpoint,
  events,
  joinChannel,
  once,
  post,
  sendMessage,
  signUp,
  take,
} from './support.mjs';

const url = `${endpoint}/stream`;
const clients = [];

function open(token, options = {}) {
  const client = createClient({
    url,
    retryAttempts: 0,
    headers: token ? { authorization: `Bearer ${token}` } : undefined,
    ...options,
  });
  clients.push(client);
  return client;
}

let ada;
let ben;
let channel;
let joined;

before(async () => {
  [ada, ben] = await Promise.all([signUp('Ada'), signUp('Ben')]);
  channel = await createChannel(ada.token);
  joined = await joinChannel(ben.token, channel.channel.id);
});

after(() => clients.forEach((client) => client.dispose()));

test('queries and mutations work over a stream', async () => {
  const { data } = await once(open(ada.token), '{ me { username } }');
  assert.deepEqual(data, { me: { username: 'Ada' } });
  const made = await once(
    open(ada.token),
    `mutation ($name: String!) {
      createChannel(input: { name: $name }) { channel { name } } }`,
    { name: 'by stream' },
  );
  assert.equal(made.data.createChannel.channel.name, 'by stream');
});

test('what one sends, the other sees arrive on a stream', async () => {
  const live = events(open(ben.token), channel.channel.id, joined.position);
  const sent = await sendMessage(ada.token, channel.channel.id, '안녕\n둘째 줄\u2028');
  const [event] = await take(live, 1);
  assert.equal(event.__typename, 'MessageSent');
  assert.equal(event.message.id, sent.message.id);
  assert.equal(event.message.text, '안녕\n둘째 줄\u2028');
  await live.return();
});

test('over reconnects nothing is lost, repeated or out of order', async () => {
  const count = 60;
  const start = await sendMessage(ada.token, channel.channel.id, 'start');
  const sending = (async () => {
    for (let number = 0; number < count; number += 1) {
      await sendMessage(ada.token, channel.channel.id, `number ${number}`);
    }
  })();
  const seen = [];
  let position = start.position;
  let streams = 0;
  while (seen.length < count) {
    streams += 1;
    for await (const event of events(open(ben.token), channel.channel.id, position)) {
      position = event.position;
      seen.push(event.message.text);
      // Hung up now and then, with more on its way.
      if (seen.length === count || seen.length % 15 === 0) break;
    }
  }
  await sending;
  assert.deepEqual(seen, Array.from({ length: count }, (_, number) => `number ${number}`));
  assert.ok(streams >= 4, `${streams} streams`);
});

test('what is wrong with an operation is told in the stream, the rest by status', async () => {
  const { errors } = await once(open(ada.token), '{ nothing }');
  assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  const variables = { channel: channel.channel.id };
  const stranger = await signUp('Stranger');
  for (const [token, code] of [[stranger.token, 'FORBIDDEN'], [undefined, 'UNAUTHENTICATED']]) {
    const refused = await once(open(token), EVENTS, variables);
    assert.equal(refused.errors[0].extensions.code, code);
  }
  const bad = once(open('nonsense'), '{ me { id } }');
  await assert.rejects(bad, (error) => error.response.status === 401);
  const single = open(ada.token, { singleConnection: true });
  const refused = once(single, '{ me { id } }');
  await assert.rejects(refused, (error) => error.response.status === 405);
});

test('logging out ends the streams of that session', async () => {
  const cleo = await signUp('Cleo');
  const made = await createChannel(cleo.token);
  const results = open(cleo.token).iterate({
    query: EVENTS,
    variables: { channel: made.channel.id, after: made.position },
  });
  await sendMessage(cleo.token, made.channel.id, 'last words');
  assert.equal((await results.next()).value.data.channelEvents.message.text, 'last words');
  await ask(
    'mutation ($token: String!) { logOut(refreshToken: $token) }',
    { token: cleo.refreshToken },
    { token: cleo.token },
  );
  const { value } = await results.next();
  assert.equal(value.errors[0].extensions.code, 'UNAUTHENTICATED');
  assert.equal((await results.next()).done, true);
});

test('a stream is not held back on its way', async () => {
  const query = new URLSearchParams({ query: '{ me { id } }' });
  const response = await fetch(`${url}?${query}`, { headers: { accept: 'text/event-stream' } });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
  assert.equal(response.headers.get('x-accel-buffering'), 'no');
  assert.match(await response.text(), /^event: next\ndata: \{.*\}\n\nevent: complete\ndata:\n\n$/);
  const subscribed = await post('subscription { inbox { position } }', {}, { token: ada.token });
  assert.equal(subscribed.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
});
