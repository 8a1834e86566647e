/** Ports of the operator's pod, and the one port of members that it dials. */
export const METRICS_PORT = 8080;
export const HEALTH_PORT = 8081;

/** Member 0's mailbox; docs/launch-protocol.md. */
export const MAILBOX_PORT = 7117;
