import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { openApi, takeToken } from './api.ts';
import { App } from './App.tsx';
import { Notice } from './Notice.tsx';
import './main.css';

const root = document.getElementById('root');
const token = takeToken();
if (root) {
  createRoot(root).render(
    <StrictMode>
      {token === null ? (
        <Notice title="This page needs its link">
          Open it with the link that <code>vigil up</code> prints. It carries a token that lets only
          you in.
        </Notice>
      ) : (
        <App api={openApi(token)} />
      )}
    </StrictMode>,
  );
}
