import { shellBridge } from '../../api/shell.ts';

/** Opens the dashboard at an address: in its own window in the app, in place of this page in a browser. */
export function openPlace(place: string): void {
  const bridge = shellBridge();
  if (bridge) void bridge.openDashboard(place);
  else location.assign(place);
}
