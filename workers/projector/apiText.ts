/** What the projector answers about texts that the model writes, as api.ts does for the rest. */

/** `GET /api/models`: states of the model that can write here, the newest first. */
export interface ModelsPage {
  readonly models: readonly ModelRow[];
  readonly limits: TextLimits;
}

export interface ModelRow {
  /** The round that starts with it. */
  readonly round: number;
  readonly stateRoot: string;
  /** `start`: θ_0; `checkpoint`: attested on the chain; `saved`: a worker of whoever runs the projector came to it. */
  readonly source: "start" | "checkpoint" | "saved";
  /** Median of what workers reported, nats per token; null where nobody did. */
  readonly heldOutLoss: number | null;
}

/** The most that a text may ask for. */
export interface TextLimits {
  /** Bytes of the prompt in UTF-8. */
  readonly promptBytes: number;
  readonly tokens: number;
  readonly temperature: number;
  /** Models that write at once. */
  readonly models: number;
}

/** Body of `POST /api/text`, JSON. */
export interface TextRequest {
  /** State roots, each once. */
  readonly models: readonly string[];
  readonly prompt: string;
  /** To write after the prompt. */
  readonly tokens: number;
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** Draw from the likeliest tokens that make up this share. */
  readonly topP: number;
  readonly seed: number;
}

/** Server-sent events of its answer, each under its type's name; an event `error` has an `ApiError`. */
export type TextEvent =
  /** The models are loaded and checked. */
  | { readonly type: "start" }
  /** More text of a model, named by its place in the request. */
  | { readonly type: "text"; readonly model: number; readonly text: string }
  /** Everybody has written all tokens. */
  | { readonly type: "end" };
