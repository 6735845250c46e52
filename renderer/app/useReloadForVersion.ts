import { useEffect, useRef } from 'react';

/** Loads the page anew when the node that answers is of another version than the one that gave the page. */
export function useReloadForVersion(version: string | undefined): void {
  const first = useRef(version);
  useEffect(() => {
    first.current ??= version;
    if (version !== undefined && version !== first.current) location.reload();
  }, [version]);
}
