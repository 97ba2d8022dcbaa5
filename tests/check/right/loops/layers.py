from builtins import range
import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    D, M = w.shape
    out = np.zeros((N, M))
    for n in range(N):
        row = x[n].ravel()
        for m in range(M):
            total = 0.0
            for d in range(D):
                total += row[d] * w[d, m]
            out[n, m] = total + b[m]
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    N, M = dout.shape
    dx = np.zeros(x.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(b.shape)
    for n in range(N):
        row = x[n].ravel()
        drow = np.zeros(row.shape)
        for m in range(M):
            drow += dout[n, m] * w[:, m]
            dw[:, m] += dout[n, m] * row
            db[m] += dout[n, m]
        dx[n] = drow.reshape(x.shape[1:])
    return dx, dw, db


def relu_forward(x):
    out = np.zeros(x.shape)
    for idx in np.ndindex(*x.shape):
        if x[idx] > 0:
            out[idx] = x[idx]
    return out, x


def relu_backward(dout, cache):
    x = cache
    dx = np.zeros(x.shape)
    for idx in np.ndindex(*x.shape):
        dx[idx] = dout[idx] if x[idx] > 0 else 0.0
    return dx


def softmax_loss(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros(x.shape)
    for n in range(N):
        top = max(x[n])
        z = 0.0
        for c in range(C):
            z += np.exp(x[n, c] - top)
        loss += np.log(z) - (x[n, y[n]] - top)
        for c in range(C):
            dx[n, c] = np.exp(x[n, c] - top) / z
            if c == y[n]:
                dx[n, c] -= 1.0
    return loss / N, dx / N


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D))
    running_var = bn_param.get("running_var", np.zeros(D))
    out = np.zeros((N, D))
    cache = None
    if mode == "train":
        x_hat = np.zeros((N, D))
        istd = np.zeros(D)
        new_mean = np.zeros(D)
        new_var = np.zeros(D)
        for d in range(D):
            m = 0.0
            for n in range(N):
                m += x[n, d]
            m /= N
            v = 0.0
            for n in range(N):
                v += (x[n, d] - m) ** 2
            v /= N
            istd[d] = 1.0 / np.sqrt(v + eps)
            for n in range(N):
                x_hat[n, d] = (x[n, d] - m) * istd[d]
                out[n, d] = gamma[d] * x_hat[n, d] + beta[d]
            new_mean[d] = momentum * running_mean[d] + (1 - momentum) * m
            new_var[d] = momentum * running_var[d] + (1 - momentum) * v
        running_mean, running_var = new_mean, new_var
        cache = (x_hat, istd, gamma)
    elif mode == "test":
        for d in range(D):
            for n in range(N):
                out[n, d] = (x[n, d] - running_mean[d]) / np.sqrt(running_var[d] + eps) * gamma[d] + beta[d]
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    x_hat, istd, gamma = cache
    N, D = dout.shape
    dx = np.zeros((N, D))
    dgamma = np.zeros(D)
    dbeta = np.zeros(D)
    for d in range(D):
        for n in range(N):
            dgamma[d] += dout[n, d] * x_hat[n, d]
            dbeta[d] += dout[n, d]
        for n in range(N):
            dx[n, d] = gamma[d] * istd[d] * (dout[n, d] - dbeta[d] / N - x_hat[n, d] * dgamma[d] / N)
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    x_hat, istd, gamma = cache
    N, D = dout.shape
    dx = np.zeros((N, D))
    dgamma = np.zeros(D)
    dbeta = np.zeros(D)
    # the full N x N jacobian of each column
    for d in range(D):
        col = x_hat[:, d]
        J = (np.eye(N) - 1.0 / N - np.outer(col, col) / N) * istd[d]
        dx[:, d] = J.dot(dout[:, d] * gamma[d])
        dgamma[d] = col.dot(dout[:, d])
        dbeta[d] = dout[:, d].sum()
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    out = np.zeros(x.shape)
    x_hat = np.zeros(x.shape)
    istd = np.zeros(x.shape[0])
    for n in range(x.shape[0]):
        m = np.mean(x[n])
        istd[n] = 1.0 / np.sqrt(np.mean((x[n] - m) ** 2) + eps)
        x_hat[n] = (x[n] - m) * istd[n]
        out[n] = x_hat[n] * gamma + beta
    return out, (x_hat, istd, gamma)


def layernorm_backward(dout, cache):
    x_hat, istd, gamma = cache
    N, D = dout.shape
    dx = np.zeros((N, D))
    dgamma = np.zeros(D)
    dbeta = np.zeros(D)
    for n in range(N):
        dgamma += dout[n] * x_hat[n]
        dbeta += dout[n]
        g = dout[n] * gamma
        s1 = 0.0
        s2 = 0.0
        for d in range(D):
            s1 += g[d]
            s2 += g[d] * x_hat[n, d]
        for d in range(D):
            dx[n, d] = istd[n] / D * (D * g[d] - s1 - x_hat[n, d] * s2)
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    out = x
    if mode == "train":
        mask = np.zeros(x.shape)
        out = np.zeros(x.shape)
        for idx in np.ndindex(*x.shape):
            if np.random.rand() < p:
                mask[idx] = 1.0 / p
            out[idx] = x[idx] * mask[idx]
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    if dropout_param["mode"] == "test":
        return dout
    dx = np.zeros(dout.shape)
    for idx in np.ndindex(*dout.shape):
        dx[idx] = dout[idx] * mask[idx]
    return dx


def conv_forward_naive(x, w, b, conv_param):
    stride = conv_param["stride"]
    pad = conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    Ho = int(1 + (H + 2 * pad - HH) / stride)
    Wo = int(1 + (W + 2 * pad - WW) / stride)
    out = np.zeros((N, F, Ho, Wo))
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    acc = b[f]
                    for c in range(C):
                        for p in range(HH):
                            for q in range(WW):
                                r = i * stride + p - pad
                                s = j * stride + q - pad
                                if 0 <= r < H and 0 <= s < W:
                                    acc += x[n, c, r, s] * w[f, c, p, q]
                    out[n, f, i, j] = acc
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride = conv_param["stride"]
    pad = conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    N, F, Ho, Wo = dout.shape
    dx = np.zeros(x.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(b.shape)
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    g = dout[n, f, i, j]
                    db[f] += g
                    for c in range(C):
                        for p in range(HH):
                            for q in range(WW):
                                r = i * stride + p - pad
                                s = j * stride + q - pad
                                if 0 <= r < H and 0 <= s < W:
                                    dx[n, c, r, s] += g * w[f, c, p, q]
                                    dw[f, c, p, q] += g * x[n, c, r, s]
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    ph, pw, st = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    Ho = int((H - ph) / st + 1)
    Wo = int((W - pw) / st + 1)
    out = np.zeros((N, C, Ho, Wo))
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    best = -np.inf
                    for p in range(ph):
                        for q in range(pw):
                            best = max(best, x[n, c, i * st + p, j * st + q])
                    out[n, c, i, j] = best
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph, pw, st = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, Ho, Wo = dout.shape
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    best, where = -np.inf, None
                    for p in range(ph):
                        for q in range(pw):
                            v = x[n, c, i * st + p, j * st + q]
                            if v > best:
                                best, where = v, (i * st + p, j * st + q)
                    dx[n, c, where[0], where[1]] += dout[n, c, i, j]
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    flat = np.zeros((N * H * W, C))
    k = 0
    for n in range(N):
        for i in range(H):
            for j in range(W):
                flat[k] = x[n, :, i, j]
                k += 1
    o, cache = batchnorm_forward(flat, gamma, beta, bn_param)
    out = np.zeros(x.shape)
    k = 0
    for n in range(N):
        for i in range(H):
            for j in range(W):
                out[n, :, i, j] = o[k]
                k += 1
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    flat = np.zeros((N * H * W, C))
    k = 0
    for n in range(N):
        for i in range(H):
            for j in range(W):
                flat[k] = dout[n, :, i, j]
                k += 1
    d, dgamma, dbeta = batchnorm_backward(flat, cache)
    dx = np.zeros(dout.shape)
    k = 0
    for n in range(N):
        for i in range(H):
            for j in range(W):
                dx[n, :, i, j] = d[k]
                k += 1
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    size = C // G
    x_hat = np.zeros(x.shape)
    istd = np.zeros((N, G))
    out = np.zeros(x.shape)
    for n in range(N):
        for g in range(G):
            sl = slice(g * size, (g + 1) * size)
            part = x[n, sl]
            istd[n, g] = 1 / np.sqrt(np.var(part) + eps)
            x_hat[n, sl] = (part - np.mean(part)) * istd[n, g]
        for c in range(C):
            out[n, c] = gamma[0, c, 0, 0] * x_hat[n, c] + beta[0, c, 0, 0]
    return out, (x_hat, istd, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    x_hat, istd, gamma, G = cache
    N, C, H, W = dout.shape
    size = C // G
    dx = np.zeros(dout.shape)
    dgamma = np.zeros((1, C, 1, 1))
    dbeta = np.zeros((1, C, 1, 1))
    for c in range(C):
        dgamma[0, c, 0, 0] = np.sum(dout[:, c] * x_hat[:, c])
        dbeta[0, c, 0, 0] = np.sum(dout[:, c])
    for n in range(N):
        for g in range(G):
            sl = slice(g * size, (g + 1) * size)
            d = dout[n, sl] * gamma[0, sl]
            h = x_hat[n, sl]
            dx[n, sl] = istd[n, g] * (d - d.mean() - h * (d * h).mean())
    return dx, dgamma, dbeta
