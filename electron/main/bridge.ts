import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron';
import { z } from 'zod';
import type { StreamMessage } from '../../shared/model/shellBridge.ts';
import { isOurs } from './guard.ts';
import type { NodeLink } from './nodeLink.ts';

/** An address of the page: a path, its query, nothing that could name another host. */
const Place = z
  .string()
  .max(2_000)
  .regex(/^\/(?![/\\])[\w\-./?=&%:+,]*$/);
/** From one line to the highest screen, px. */
const Height = z.number().int().min(40).max(4_000);

/** What pages may ask of the app. */
export interface Asked {
  openDashboard(place: string): void;
  fit(contents: WebContents, height: number): void;
  close(): void;
  startNode(): void;
  quit(): void;
}

/** Answers what the preload script offers to pages; anything that does not come from one of ours, or is malformed, is refused. */
export function answerPages(link: NodeLink, asked: Asked): void {
  handle('open', z.tuple([Place]), (_, [place]) => asked.openDashboard(place));
  handle('fit', z.tuple([Height]), (contents, [height]) => asked.fit(contents, height));
  handle('close', z.tuple([]), () => asked.close());
  handle('start-node', z.tuple([]), () => asked.startNode());
  handle('quit', z.tuple([]), () => asked.quit());
  followers(link);
}

function handle<S extends z.ZodType>(
  name: string,
  schema: S,
  act: (contents: WebContents, input: z.infer<S>) => void,
): void {
  ipcMain.handle(`vigil:${name}`, (event, ...input: unknown[]) => {
    requireOurs(event);
    act(event.sender, schema.parse(input));
  });
}

/** Throws unless it comes from the top of one of the app's own pages. */
function requireOurs({ sender, senderFrame }: IpcMainInvokeEvent): void {
  if (senderFrame === null || senderFrame !== sender.mainFrame || !isOurs(senderFrame.url))
    throw new Error('refused: it does not come from a page of the app');
}

/** Passes the node's events on to the pages that follow them: one socket is enough for all. */
function followers(link: NodeLink): void {
  const following = new Set<WebContents>();
  const tell = (contents: WebContents, message: StreamMessage) => {
    if (!contents.isDestroyed()) contents.send('vigil:stream', message);
  };
  const tellAll = (message: StreamMessage) => {
    for (const contents of following) tell(contents, message);
  };
  link.listen({
    onOpen: () => tellAll({ kind: 'open' }),
    onEvent: (event) => tellAll({ kind: 'event', event }),
    onClose: () => tellAll({ kind: 'close' }),
  });
  handle('follow', z.tuple([]), (contents) => {
    if (!following.has(contents)) contents.once('destroyed', () => following.delete(contents));
    following.add(contents);
    if (link.live) tell(contents, { kind: 'open' });
  });
  handle('unfollow', z.tuple([]), (contents) => following.delete(contents));
}
