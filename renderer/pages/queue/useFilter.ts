import { useDeferredValue, useEffect, useState } from 'react';
import { useQueryParam } from '../../parts/useQueryParam.ts';

/** The address follows what is typed after a pause, ms: browsers refuse to change it for every key. */
const ADDRESS_MS = 300;

/** What of the queue is looked at; all of it is in the address. */
export function useFilter() {
  const [status, setStatus] = useQueryParam('status');
  const [project, setProject] = useQueryParam('project');
  const [linked, setLinked] = useQueryParam('text');
  const [text, setText] = useState(linked);
  useEffect(() => {
    if (text === linked) return;
    const timer = window.setTimeout(() => setLinked(text), ADDRESS_MS);
    return () => window.clearTimeout(timer);
  }, [text, linked, setLinked]);
  /** The list may lag behind the field, so that typing never does. */
  const wanted = useDeferredValue(text.trim().toLocaleLowerCase());
  return { status, setStatus, project, setProject, text, setText, wanted };
}

export type Filter = ReturnType<typeof useFilter>;
