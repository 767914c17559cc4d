import { env } from "onnxruntime-node";

/** Engine and version: part of what fixes a loss's last bits. */
export const engineVersion = `onnxruntime-node ${env.versions.node ?? "unknown"}`;
