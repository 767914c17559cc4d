import { type Hex, recoverTypedDataAddress } from "viem";

/** A run's registry on a chain: what reports are bound to. */
export interface ReportIdentity {
  readonly chainId: number;
  readonly registry: Hex;
}

/** Rows that a worker measured, as JSON text of an array, numbered upwards by its hotkey. */
export interface MetricReport {
  readonly sequence: number;
  readonly rows: string;
}

/** A report as it travels. */
export interface SignedReport extends MetricReport {
  readonly signature: Hex;
}

/** Largest body of a report, bytes. */
export const maxReportBytes = 1 << 18;

const TYPES = {
  MetricReport: [
    { name: "sequence", type: "uint64" },
    { name: "rows", type: "string" },
  ],
} as const;

/** What a hotkey signs (EIP-712). */
export function reportTypedData({ chainId, registry }: ReportIdentity, { sequence, rows }: MetricReport) {
  return {
    domain: { name: "Weft Metrics", version: "1", chainId, verifyingContract: registry },
    types: TYPES,
    primaryType: "MetricReport",
    message: { sequence: BigInt(sequence), rows },
  } as const;
}

/** Who signed a report; undefined for a signature that is none. */
export async function reporterOf(
  identity: ReportIdentity,
  { signature, ...report }: SignedReport,
): Promise<Hex | undefined> {
  try {
    return await recoverTypedDataAddress({ ...reportTypedData(identity, report), signature });
  } catch {
    return undefined;
  }
}
