// GraphiQL over the server that this page came from. A token in the headers editor
// ({"Authorization": "Bearer …"}) goes with requests and, as connection_init payload, with
// subscriptions: each opens a socket of its own with the headers that stand there then.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

import { welcome } from './welcome.js';
import './page.css';

const endpoint = new URL('/graphql', window.location.href);
const socket = new URL('/graphql/ws', endpoint);
socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

const fetcher = createGraphiQLFetcher({
  url: endpoint.href,
  subscriptionUrl: socket.href,
});

createRoot(document.getElementById('graphiql')).render(
  createElement(GraphiQL, {
    fetcher,
    defaultEditorToolsVisibility: 'headers',
    defaultQuery: welcome,
    shouldPersistHeaders: false,
  }),
);
