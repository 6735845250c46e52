import '@mantine/core/styles.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { cssVariables, theme } from './app/theme.ts';
import { Api } from './api/client.ts';
import { ApiProvider } from './api/context.tsx';
import { queryClient } from './api/queryClient.ts';
import { takeToken } from './api/token.ts';
import { Notice } from './parts/Notice.tsx';

/** The nonce of this answer's content security policy, which Vite's build puts on what it links. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const root = document.getElementById('root');
const token = takeToken();

if (root)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        {token === null ? (
          <Notice title="This page needs its link">
            Open it with the link that <code>vigil up</code> prints. It carries a token that lets
            only you in.
          </Notice>
        ) : (
          <QueryClientProvider client={queryClient}>
            <ApiProvider api={new Api(token)}>
              <App />
            </ApiProvider>
          </QueryClientProvider>
        )}
      </MantineProvider>
    </StrictMode>,
  );
