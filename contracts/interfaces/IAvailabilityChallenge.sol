// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWeftToken} from "./IWeftToken.sol";

/// @title AvailabilityChallenge: the last resort against data withheld
/// @notice Somebody who cannot get a revealed update names one slice of 1 KiB and puts up a bond. Whoever shows the slice
/// in time, with its way to the dataRoot that the miner committed to, earns the bond for the miner; if nobody does, the
/// miner is slashed and the bond returned. One open challenge per neuron and round. Amounts are wei.
interface IAvailabilityChallenge {
    /// @notice Bounds in brackets.
    struct Parameters {
        /// @dev Wei that a challenger puts up, to be worth at least twice the gas of an answer [1, cap].
        uint256 bond;
        /// @dev Seconds to answer in [1, what keeps stake that backs the update from being withdrawn before].
        uint256 answerSeconds;
    }

    /// @notice The hotkey did not reveal such an update in that round, or the ledger's word of it was taken over since.
    error NotRevealed(address hotkey, uint256 round);

    /// @notice The slice is none of the update's `count`.
    error SliceOutOfBounds(uint256 index, uint256 count);

    /// @notice A challenge of the neuron's update of the round is open until `deadline`.
    error AlreadyOpen(uint256 neuronId, uint256 round, uint256 deadline);

    /// @notice The neuron was slashed for this update already.
    error AlreadySlashed(uint256 neuronId, uint256 round);

    /// @notice There is no open challenge of the neuron's update of the round.
    error NotOpen(uint256 neuronId, uint256 round);

    /// @notice The time to answer is over since `deadline`.
    error TooLate(uint256 deadline, uint256 time);

    /// @notice There is time to answer until `deadline`.
    error TooEarly(uint256 deadline, uint256 time);

    /// @notice The slice and its proof give another root than the one committed to.
    error WrongSlice(bytes32 expected, bytes32 given);

    /// @notice The parameters from now on; open challenges keep theirs.
    event ParametersSet(Parameters parameters);

    /// @notice `challenger` asks for slice `index` of the neuron's update of the round, to be shown before `deadline`.
    event ChallengeOpened(
        uint256 indexed neuronId,
        uint256 indexed round,
        address indexed challenger,
        uint256 index,
        uint256 deadline,
        uint256 bond
    );

    /// @notice The slice was shown; the bond went to the neuron's owner.
    event ChallengeAnswered(uint256 indexed neuronId, uint256 indexed round, address to, uint256 bond);

    /// @notice Nobody showed the slice: the neuron is slashed, the bond went back.
    event ChallengeExpired(uint256 indexed neuronId, uint256 indexed round, address challenger, uint256 bond);

    /// @notice Changes the parameters. Only the authority's role (`AccessManagedUnauthorized`).
    /// Errors: `Bounds.ParameterOutOfBounds`.
    function setParameters(Parameters calldata p) external;

    /// @notice Opens a challenge against the caller's allowance, while the update ledger keeps the round: for four rounds.
    /// @param neuronId Whose update it is; `hotkey` revealed it, with this digest, size, dataRoot and salt.
    /// @param index Of the slice asked for, below the size in KiB rounded up.
    /// Errors: `NotRevealed`, `SliceOutOfBounds`, `AlreadyOpen`, `AlreadySlashed`, and the token's.
    function open(
        uint256 neuronId,
        address hotkey,
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt,
        uint256 index
    ) external;

    /// @notice Shows the slice asked for, before the deadline. Anyone may call; the bond goes to the neuron's coldkey.
    /// @param proof Siblings from the slice's leaf up; a node that moves up has none.
    /// Errors: `NotOpen`, `TooLate`, `WrongSlice`, and those of `MerkleSlices`.
    function answer(uint256 neuronId, uint256 round, bytes calldata slice, bytes32[] calldata proof) external;

    /// @notice Ends a challenge that nobody answered, from its deadline on. Anyone may call; the challenger is the reporter.
    /// Errors: `NotOpen`, `TooEarly`.
    function expire(uint256 neuronId, uint256 round) external;

    /// @notice An open challenge; all zero when there is none.
    function challengeOf(
        uint256 neuronId,
        uint256 round
    ) external view returns (address challenger, uint256 index, uint256 deadline, uint256 bond);

    /// @notice The token of the bonds.
    function token() external view returns (IWeftToken);

    /// @notice The parameters as they stand.
    function parameters() external view returns (Parameters memory);
}
