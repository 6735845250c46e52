import '@mantine/core/styles.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { loadAhead } from './app/loadAhead.ts';
import { Root } from './app/Root.tsx';
import { cssVariables, theme } from './app/theme.ts';
import { Api } from './api/client.ts';
import { ApiProvider } from './api/context.tsx';
import { queryClient } from './api/queryClient.ts';
import { readAhead } from './api/reads.ts';
import { shellBridge, shellWire } from './api/shell.ts';
import { takeToken } from './api/token.ts';
import { tokenWire } from './api/tokenWire.ts';
import { Notice } from './parts/Notice.tsx';

/** The nonce of this answer's content security policy, which Vite's build puts on what it links. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const root = document.getElementById('root');
const bridge = shellBridge();
const token = bridge === null ? takeToken() : null;
const wire = bridge !== null ? shellWire(bridge) : token !== null ? tokenWire(token) : null;
const api = wire === null ? null : new Api(wire);

loadAhead();
if (api) readAhead(queryClient, api);

if (root)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        {api === null ? (
          <Notice title="This page needs its link">
            Open it with the link that <code>vigil up</code> prints. It carries a token that lets
            only you in.
          </Notice>
        ) : (
          <QueryClientProvider client={queryClient}>
            <ApiProvider api={api}>
              <Root />
            </ApiProvider>
          </QueryClientProvider>
        )}
      </MantineProvider>
    </StrictMode>,
  );
