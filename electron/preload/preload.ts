import { contextBridge, ipcRenderer } from 'electron';
import type { ShellBridge, StreamMessage } from '../../shared/model/shellBridge.ts';

const ask = (name: string, ...input: unknown[]) =>
  ipcRenderer.invoke(`vigil:${name}`, ...input) as Promise<void>;

const bridge: ShellBridge = {
  follow(listen) {
    const pass = (_: unknown, message: StreamMessage) => listen(message);
    ipcRenderer.on('vigil:stream', pass);
    void ask('follow');
    return () => {
      ipcRenderer.off('vigil:stream', pass);
      void ask('unfollow');
    };
  },
  openDashboard: (place) => ask('open', place),
  fit: (height) => ask('fit', height),
  close: () => ask('close'),
  startNode: () => ask('start-node'),
  quit: () => ask('quit'),
};

contextBridge.exposeInMainWorld('vigil', bridge);
