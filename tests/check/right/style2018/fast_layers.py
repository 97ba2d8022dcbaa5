from __future__ import print_function
import numpy as np

try:
    from .im2col_cython import col2im_cython, im2col_cython
except ImportError:
    print("run the following from the cs231n directory and try again:")
    print("python setup.py build_ext --inplace")


def get_im2col_indices(x_shape, field_height, field_width, padding, stride):
    N, C, H, W = x_shape
    out_height = (H + 2 * padding - field_height) // stride + 1
    out_width = (W + 2 * padding - field_width) // stride + 1
    k, di, dj = np.meshgrid(np.arange(C), np.arange(field_height), np.arange(field_width), indexing="ij")
    oi, oj = np.meshgrid(np.arange(out_height) * stride, np.arange(out_width) * stride, indexing="ij")
    rows = di.reshape(-1, 1) + oi.reshape(1, -1)
    cols = dj.reshape(-1, 1) + oj.reshape(1, -1)
    return k.reshape(-1, 1), rows, cols


def im2col(x, field_height, field_width, padding, stride):
    p = padding
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="constant", constant_values=0)
    k, i, j = get_im2col_indices(x.shape, field_height, field_width, padding, stride)
    return xp[:, k, i, j]  # (N, C*HH*WW, H_out*W_out)


def col2im(cols, x_shape, field_height, field_width, padding, stride):
    N, C, H, W = x_shape
    xp = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=cols.dtype)
    k, i, j = get_im2col_indices(x_shape, field_height, field_width, padding, stride)
    np.add.at(xp, (slice(None), k, i, j), cols)
    if padding == 0:
        return xp
    return xp[:, :, padding:-padding, padding:-padding]


def conv_forward_fast(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho = (H + 2 * pad - HH) // stride + 1
    Wo = (W + 2 * pad - WW) // stride + 1
    cols = im2col(x, HH, WW, pad, stride)
    out = w.reshape(F, -1) @ cols + b.reshape(-1, 1)
    return out.reshape(N, F, Ho, Wo), (x, w, b, conv_param, cols)


def conv_backward_fast(dout, cache):
    x, w, b, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, F = dout.shape[:2]
    HH, WW = w.shape[2:]
    d = dout.reshape(N, F, -1)
    db = d.sum(axis=(0, 2))
    dw = (d @ cols.transpose(0, 2, 1)).sum(axis=0).reshape(w.shape)
    dcols = w.reshape(F, -1).T @ d
    dx = col2im(dcols, x.shape, HH, WW, pad, stride)
    return dx, dw, db


def max_pool_forward_fast(x, pool_param):
    ph, pw, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = (H - ph) // stride + 1, (W - pw) // stride + 1
    cols = im2col(x.reshape(N * C, 1, H, W), ph, pw, 0, stride)
    arg = cols.argmax(axis=1)
    out = np.take_along_axis(cols, arg[:, None, :], axis=1)[:, 0, :]
    return out.reshape(N, C, Ho, Wo), (x.shape, cols.shape, arg, pool_param)


def max_pool_backward_fast(dout, cache):
    x_shape, cols_shape, arg, pool_param = cache
    ph, pw, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x_shape
    dcols = np.zeros(cols_shape, dtype=dout.dtype)
    np.put_along_axis(dcols, arg[:, None, :], dout.reshape(N * C, 1, -1), axis=1)
    return col2im(dcols, (N * C, 1, H, W), ph, pw, 0, stride).reshape(x_shape)
