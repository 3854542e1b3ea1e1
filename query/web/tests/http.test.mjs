// GraphQL over HTTP, by the audits of its reference implementation and by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serverAudits } from 'graphql-http';

import { endpoint, post } from './support.mjs';

for (const audit of serverAudits({ url: endpoint })) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    // What is a MAY is left open; notices tell of what may be done otherwise.
    if (result.status === 'notice' && result.name.startsWith('MAY')) return;
    assert.equal(result.status, 'ok', result.reason);
  });
}

test('GraphiQL is served to a browser, with all that it loads', async () => {
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  const page = await fetch(endpoint, { headers: { accept } });
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  const html = await page.text();
  assert.match(html, /graphiql/i);
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  assert.ok(files.length >= 2, html);
  for (const path of files) {
    const file = await fetch(new URL(path, endpoint));
    assert.equal(file.status, 200, path);
    assert.match(file.headers.get('cache-control'), /immutable/);
  }
});

test('a refused request has its status, a failed field does not', async () => {
  const bad = await post('{ me { id } }', {}, { token: 'nonsense' });
  assert.deepEqual([bad.status, bad.errors[0].extensions.code], [401, 'UNAUTHENTICATED']);
  const none = await post('{ me { id } }');
  assert.deepEqual([none.status, none.errors[0].extensions.code], [200, 'UNAUTHENTICATED']);
  assert.equal(none.data, null);
});
