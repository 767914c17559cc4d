// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ICollateralVault} from "./interfaces/ICollateralVault.sol";
import {IEmission} from "./interfaces/IEmission.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Linked} from "./Linked.sol";

/// @title CollateralVault
contract CollateralVault is ICollateralVault, Linked {
    using SafeCast for uint256;
    using SafeERC20 for IWeftToken;

    /// @dev Wei locked, and wei of earnings that have unlocked some already. One word.
    struct Collateral {
        uint128 locked;
        uint128 earningsUsed;
    }

    uint256 private constant BPS = 10_000;

    /// @inheritdoc ICollateralVault
    IWeftToken public immutable token;

    /// @inheritdoc ICollateralVault
    address public immutable metagraph;

    /// @inheritdoc ICollateralVault
    address public immutable emission;

    /// @inheritdoc ICollateralVault
    address public immutable stakeManager;

    /// @inheritdoc ICollateralVault
    address public slashing;

    mapping(uint256 neuronId => Collateral) private _collaterals;

    constructor(IMetagraph metagraph_, IEmission emission_, IStakeManager stakeManager_) {
        token = metagraph_.token();
        (metagraph, emission, stakeManager) = (address(metagraph_), address(emission_), address(stakeManager_));
    }

    /// @inheritdoc ICollateralVault
    function link(address slashing_) external {
        _linkOnce();
        slashing = _contractAt(slashing_);
        emit CollateralVaultLinked(slashing_);
    }

    /// @inheritdoc ICollateralVault
    function lock(uint256 neuronId, uint256 amount) external {
        if (msg.sender != metagraph) revert NotMetagraph(msg.sender, metagraph);
        _collaterals[neuronId].locked += amount.toUint128();
        emit CollateralLocked(neuronId, amount);
    }

    /// @inheritdoc ICollateralVault
    function release(uint256 neuronId) external returns (uint256 amount) {
        address to = IMetagraph(metagraph).coldkeyOf(neuronId);
        Collateral memory c = _collaterals[neuronId];
        amount = c.locked - _unearned(neuronId, c);
        if (amount == 0) revert NothingUnlocked(neuronId, c.locked);
        // safe: the amount is at most what is locked, a u128
        _collaterals[neuronId] = Collateral(c.locked - uint128(amount), c.earningsUsed + uint128(amount));
        emit CollateralReleased(neuronId, to, amount);

        token.safeTransfer(to, amount);
    }

    /// @inheritdoc ICollateralVault
    function slash(
        uint256 neuronId,
        uint256 amount,
        address reporter,
        uint256 rewardBps
    ) external returns (uint256 taken, uint256 reward) {
        if (msg.sender != slashing) revert NotSlashing(msg.sender, slashing);
        Collateral memory c = _collaterals[neuronId];
        taken = Math.min(amount, _unearned(neuronId, c));
        if (taken == 0) return (0, 0);
        reward = (taken * rewardBps) / BPS;
        _collaterals[neuronId].locked = c.locked - uint128(taken); // safe: at most what is locked
        emit CollateralSlashed(neuronId, taken, reporter, reward);

        token.burn(taken - reward);
        if (reward > 0) token.safeTransfer(reporter, reward);
    }

    /// @inheritdoc ICollateralVault
    function collateralOf(uint256 neuronId) external view returns (uint256 locked, uint256 unearned) {
        Collateral memory c = _collaterals[neuronId];
        return (c.locked, _unearned(neuronId, c));
    }

    function _unearned(uint256 neuronId, Collateral memory c) private view returns (uint256) {
        if (c.locked == 0) return 0;
        (bool replaced, uint256 epoch) = IMetagraph(metagraph).replacedIn(neuronId);
        IStakeManager manager = IStakeManager(stakeManager);
        if (replaced && IMetagraph(metagraph).currentEpoch() > epoch + manager.unbondingEpochs()) return 0;
        uint256 earned = IEmission(emission).totalEarned(neuronId);
        uint256 fresh = earned - Math.min(earned, c.earningsUsed);
        return c.locked - Math.min(c.locked, fresh);
    }
}
