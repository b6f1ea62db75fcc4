"""The cell network in torch, and its way into an ONNX file.

Torch is needed for training only (`pip install hakadori[training]`); reading needs ONNX Runtime alone.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from ocr.recognisers.cell_crop import CHANNELS
from ocr.training.courses import Course

INPUT, OUTPUT = "pictures", "scores"


def new_net(course: Course) -> nn.Sequential:
    """Return an untrained network: three blocks of convolutions that halve the picture, then two full layers.

    Its input is pictures, shape (n, 2, side, side), float 0 to 1; its output one score (logit) per class, (n, classes).
    """
    a, b, c, d, full = course.widths
    return nn.Sequential(
        *_block(CHANNELS, a, 5, 2),
        *_block(a, b),
        nn.MaxPool2d(2),
        *_block(b, c),
        *_block(c, c),
        nn.MaxPool2d(2),
        *_block(c, d),
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(d * (course.side // 8) ** 2, full),
        nn.ReLU(),
        nn.Dropout(0.15),
        nn.Linear(full, len(course.classes)),
    )


def _block(fan_in: int, fan_out: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    """One convolution with batch normalisation."""
    convolution = nn.Conv2d(fan_in, fan_out, kernel, stride, kernel // 2, bias=False)
    return [convolution, nn.BatchNorm2d(fan_out), nn.ReLU()]


def save_onnx(net: nn.Sequential, path: Path, course: Course) -> None:
    """Write a network as an ONNX model.

    Batch normalisation is folded into the convolutions; weights are kept as 16-bit floats and widened when the model
    is loaded, which halves the file.
    """
    nodes: list[Any] = []
    weights: list[Any] = []
    end = _add_layers(list(net), nodes, weights)
    nodes.append(helper.make_node("Identity", [end], [OUTPUT]))
    graph = helper.make_graph(
        nodes,
        course.name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", CHANNELS, course.side, course.side])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", len(course.classes)])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="hakadori")
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def _add_layers(layers: list[nn.Module], nodes: list[Any], weights: list[Any]) -> str:
    """Append the layers of one network; return the name of its output."""
    at = INPUT
    for index, layer in enumerate(layers):
        name = f"layer{index}"
        if isinstance(layer, nn.Conv2d):
            folded, bias = _folded(layer, layers[index + 1])
            inputs = [
                at,
                _weight(f"{name}_w", folded, nodes, weights),
                _weight(f"{name}_b", bias, nodes, weights),
            ]
            pad = layer.kernel_size[0] // 2
            nodes.append(
                helper.make_node(
                    "Conv", inputs, [name], pads=[pad] * 4, strides=list(layer.stride), group=layer.groups
                )
            )
        elif isinstance(layer, nn.Linear):
            matrix, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            inputs = [
                at,
                _weight(f"{name}_w", matrix, nodes, weights),
                _weight(f"{name}_b", bias, nodes, weights),
            ]
            nodes.append(helper.make_node("Gemm", inputs, [name], transB=1))
        elif isinstance(layer, nn.ReLU):
            nodes.append(helper.make_node("Relu", [at], [name]))
        elif isinstance(layer, nn.MaxPool2d):
            nodes.append(helper.make_node("MaxPool", [at], [name], kernel_shape=[2, 2], strides=[2, 2]))
        elif isinstance(layer, nn.Flatten):
            nodes.append(helper.make_node("Flatten", [at], [name]))
        else:  # batch normalisation is folded, dropout does nothing when reading
            continue
        at = name
    return at


def _folded(convolution: nn.Conv2d, norm: nn.Module) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weight and bias of a convolution with its batch normalisation worked in."""
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_var is not None and norm.running_mean is not None
    scale = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
    weight = convolution.weight.detach() * scale[:, None, None, None]
    bias = norm.bias.detach() - norm.running_mean * scale
    return weight.numpy(), bias.numpy()


def _weight(name: str, values: NDArray[np.float32], nodes: list[Any], weights: list[Any]) -> str:
    """Store weights as 16-bit floats with a node that widens them; return the widened name."""
    weights.append(numpy_helper.from_array(values.astype(np.float16), f"{name}_16"))
    nodes.append(helper.make_node("Cast", [f"{name}_16"], [name], to=TensorProto.FLOAT))
    return name
